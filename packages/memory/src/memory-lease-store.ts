import type { Clock, LeaseStore } from '@locks/core'
import { freeLease, type LeaseState, leaseStep } from '@locks/core/spec'
import { ExpiringMap } from './expiring-map.ts'
import { storeTime } from './store-time.ts'

/** Leases in this process, by executing the specification itself. */
export function memoryLeaseStore(clock: Clock): LeaseStore {
  const nowUs = storeTime(clock)
  const environment = () => ({ nowUs: nowUs(), alive: () => true })
  // One floor for all names instead of a counter per name: fences still grow, and nothing is kept.
  let fenceFloor = 0
  const leases = new ExpiringMap<LeaseState>(clock, {
    create: () => freeLease(fenceFloor),
    settle: (state) => leaseStep.inspect(state, environment()),
    isSpent(state) {
      fenceFloor = Math.max(fenceFloor, state.fence)
      return state.holders.size === 0 && state.queue.size === 0
    },
  })

  return {
    facts: { ttlResolutionMs: 1, durability: 'process', fencing: true, exclusive: true },
    async acquire(request) {
      return leases.update(request.key, (s) => leaseStep.acquire(s, request, environment())).reply
    },
    async extend(request) {
      return leases.update(request.key, (s) => leaseStep.extend(s, request, environment())).reply
    },
    async release(request) {
      return leases.update(request.key, (s) => leaseStep.release(s, request, environment())).reply
    },
    async inspect(key) {
      return leases.update(key, (s) => leaseStep.inspect(s, environment())).reply
    },
  }
}
