import type { Clock, GrantListener, LeaseStore } from '@locks/core'
import { freeLease, type LeaseState, type LeaseStep, leaseStep } from '@locks/core/spec'
import { ExpiringMap } from './expiring-map.ts'
import { storeTime } from './store-time.ts'

/** Leases in this process, by executing the specification itself. */
export function memoryLeaseStore(clock: Clock): LeaseStore {
  const nowUs = storeTime(clock)
  const listeners = new Map<string, GrantListener>()
  const environment = () => ({ nowUs: nowUs(), alive: (id: string) => listeners.has(id) })
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

  /** One step on the state of `key`; its grants and losses are pushed before anything else happens. */
  function run<Reply>(key: string, step: (state: LeaseState) => LeaseStep<Reply>): Reply {
    const { reply, grants, losses } = leases.update(key, step)
    for (const { subscriber, ...grant } of grants) {
      listeners.get(subscriber)?.granted({ key, ...grant })
    }
    for (const { subscriber, token } of losses ?? [])
      listeners.get(subscriber)?.stolen({ key, token })
    return reply
  }

  return {
    facts: {
      ...{ ttlResolutionMs: 1, durability: 'process', exclusive: true },
      ...{ fencing: true, fenceBlocks: true },
    },
    acquire: (request) =>
      run(request.key, (state) => leaseStep.acquire(state, request, environment())),
    extend: (request) =>
      run(request.key, (state) => leaseStep.extend(state, request, environment())),
    release: (request) =>
      run(request.key, (state) => leaseStep.release(state, request, environment())),
    steal: (request) => run(request.key, (state) => leaseStep.steal(state, request, environment())),
    leave: (request) => run(request.key, (state) => leaseStep.leave(state, request, environment())),
    inspect: async (key) => run(key, (state) => leaseStep.inspect(state, environment())),
    async list({ prefix }) {
      const held = leases.keys(({ holders }) => holders.size > 0)
      return { keys: held.filter((key) => key.startsWith(prefix)) }
    },
    onGrant: (subscriber, listener) => {
      listeners.set(subscriber, listener)
      return {
        ready: Promise.resolve(),
        close: async () => {
          listeners.delete(subscriber)
        },
      }
    },
  }
}
