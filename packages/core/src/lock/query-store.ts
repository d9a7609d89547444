import { inspectLock } from './inspect-lock.ts'
import type { LeaseClient } from './lease-client.ts'
import type { LockInfo, LockQuery } from './lock-info.ts'
import type { LockState } from './lock-state.ts'

/**
 * Walks the locks of all processes whose keys begin with `prefix`. No snapshot: each lock is as it was
 * when it was looked at.
 * @throws UnsupportedError, StoreUnavailableError.
 */
export async function queryStore(leases: LeaseClient, prefix: string): Promise<LockQuery> {
  const held: LockInfo[] = []
  const pending: LockInfo[] = []
  for (const state of await statesOf(leases, prefix)) {
    const { name, holders, waiters } = state
    for (const { mode, fence, remainingMs } of holders)
      held.push({ name, mode, fence, remainingMs })
    const waiter = { name, mode: undefined, fence: undefined, remainingMs: undefined }
    pending.push(...Array.from({ length: waiters }, () => waiter))
  }
  return { held, pending }
}

async function statesOf(leases: LeaseClient, prefix: string): Promise<readonly LockState[]> {
  const states = new Map<string, LockState>()
  let cursor: string | undefined
  do {
    const page = await leases.list({ prefix, ...(cursor !== undefined && { cursor }) })
    const names = new Set(page.keys.map((key) => key.slice(prefix.length + 1, -1)))
    const inspected = [...names]
      .filter((name) => !states.has(name))
      .map((name) => inspectLock(leases, name, `${prefix}{${name}}`))
    for (const state of await Promise.all(inspected)) states.set(state.name, state)
    cursor = page.cursor
  } while (cursor !== undefined)
  return [...states.values()]
}
