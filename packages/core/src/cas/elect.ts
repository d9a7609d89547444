import type { LoadLeaseReply, LoadLeaseRequest } from '../contract/cache-store.ts'
import type { CasStore } from '../contract/cas-store.ts'
import { type CacheView, leaveMark } from './load-place.ts'
import type { TtlSteps } from './ttl-steps.ts'

/**
 * One try to be elected, on what a view shows; `undefined` = it has changed meanwhile.
 * In the order of `cacheStep.lease`.
 */
export async function elect<Version>(
  cas: CasStore<Version>,
  steps: TtlSteps,
  { entry, place }: CacheView<Version>,
  { token, leaseMs, seen, awaited }: LoadLeaseRequest,
): Promise<LoadLeaseReply | undefined> {
  if (entry && entry.version !== seen) return { state: 'fresh', entry }
  const { mark, there } = place
  if (awaited !== undefined && mark?.failed?.token === awaited) {
    return { state: 'failed', reason: mark.failed.reason }
  }
  const vanished = seen !== undefined && !entry
  if (there && mark?.holder !== undefined && mark.holder !== token) {
    const { holder, ttlMs } = mark
    return { state: 'lost', holder, remainingMs: steps.leftMs(there, ttlMs), vanished }
  }
  // The reason of an earlier load stays beside the new one: some who wait have not heard it yet.
  const won = await leaveMark(cas, place, { ...mark, holder: token, ttlMs: leaseMs })
  return won ? { state: 'won', vanished } : undefined
}
