import type { Clock, GrantListener, LeaseStore } from '@locks/core'
import {
  freeLease,
  type LeaseEnvironment,
  type LeaseState,
  type LeaseStep,
  leaseStep,
} from '@locks/core/spec'
import { ExpiringMap } from './expiring-map.ts'
import { storeTime } from './store-time.ts'

type Step<Request, Reply> = (
  state: LeaseState,
  request: Request,
  environment: LeaseEnvironment,
) => LeaseStep<Reply>

/** Leases in this process, by executing the specification itself. */
export function memoryLeaseStore(clock: Clock): LeaseStore {
  const nowUs = storeTime(clock)
  const listeners = new Map<string, GrantListener>()
  const alive = (id: string) => listeners.has(id)
  const environment = () => ({ nowUs: nowUs(), alive })
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
  function run<Request, Reply>(key: string, step: Step<Request, Reply>, request: Request): Reply {
    const { reply, grants, losses } = leases.update(key, (state) =>
      step(state, request, environment()),
    )
    for (const { subscriber, ...grant } of grants) {
      listeners.get(subscriber)?.granted({ key, ...grant })
    }
    for (const { subscriber, ...loss } of losses ?? []) {
      listeners.get(subscriber)?.stolen({ key, ...loss })
    }
    return reply
  }

  return {
    facts: {
      ...{ ttlResolutionMs: 1, durability: 'process', exclusive: true },
      ...{ fencing: true, fenceBlocks: true },
    },
    acquire: (request) => run(request.key, leaseStep.acquire, request),
    extend: (request) => run(request.key, leaseStep.extend, request),
    release: (request) => run(request.key, leaseStep.release, request),
    steal: (request) => run(request.key, leaseStep.steal, request),
    leave: (request) => run(request.key, leaseStep.leave, request),
    inspect: async (key) => run(key, (state, _, env) => leaseStep.inspect(state, env), undefined),
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
