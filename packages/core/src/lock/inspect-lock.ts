import type { LeaseClient } from './lease-client.ts'
import type { LockState } from './lock-state.ts'
import { SHARED_CAPACITY } from './options.ts'

/** Asks the store who holds a name. @throws StoreUnavailableError, ConflictError. */
export async function inspectLock(
  leases: LeaseClient,
  name: string,
  key: string,
): Promise<LockState> {
  const { holders, capacity, waiters } = await leases.inspect(key)
  return {
    name,
    holders: holders.map(({ units, remainingMs, fence }) => ({
      mode: capacity === SHARED_CAPACITY && units < capacity ? 'shared' : 'exclusive',
      units,
      remainingMs,
      fence,
    })),
    capacity,
    waiters,
  }
}
