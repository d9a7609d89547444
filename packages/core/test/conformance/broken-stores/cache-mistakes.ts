import type { CommitRequest } from '../../../src/index.ts'
import { nowMs, type StepCacheStore } from '../step-store.ts'

export const LONG_MS = 600_000

/** Whose lease stands. */
export function loaderOf(store: StepCacheStore, key: string): string | undefined {
  const { lease } = store.stateOf(key)
  return lease && lease.untilMs > nowMs() ? lease.holder : undefined
}

export async function put(store: StepCacheStore, request: CommitRequest): Promise<boolean> {
  await store.write(request)
  return true
}
