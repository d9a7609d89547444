import {
  type CacheStore,
  type GrantListener,
  type LeaseStore,
  type LoadSignal,
  type PushedGrant,
  type SignalListener,
  systemClock,
} from '../../src/index.ts'
import {
  type CacheState,
  cacheStep,
  freeLease,
  type LeaseState,
  type LeaseStep,
  leaseStep,
} from '../../src/spec/index.ts'

/** The specification as a lease store, its states open so that a test can break it. */
export interface StepLeaseStore extends Required<LeaseStore> {
  stateOf(key: string): LeaseState
  readonly listeners: Map<string, GrantListener>
  push(subscriber: string, grant: PushedGrant): void
}

/** The specification as a cache store, its states open so that a test can break it. */
export interface StepCacheStore extends Required<CacheStore> {
  stateOf(key: string): CacheState
  tell(key: string, signal: LoadSignal): void
}

export const nowMs = (): number => Math.floor(systemClock.wall())

/** `resolutionMs`: time passes in such steps, and a TTL is rounded up and lasts one step more. */
export function stepLeaseStore(resolutionMs = 1): StepLeaseStore {
  const states = new Map<string, LeaseState>()
  const stateOf = (key: string) => entryOf(states, key, freeLease)
  const { now, coarse } = stepsOf(resolutionMs)
  const listeners = new Map<string, GrantListener>()
  const env = () => ({ nowUs: now() * 1000, alive: (id: string) => listeners.has(id) })
  const push = (id: string, grant: PushedGrant) => listeners.get(id)?.granted(grant)
  const facts = {
    ...({ durability: 'process', exclusive: true } as const),
    ...{ fencing: true, fenceBlocks: true },
  }

  function run<Reply>(key: string, step: (state: LeaseState) => LeaseStep<Reply>): Reply {
    const { reply, grants, losses = [] } = step(stateOf(key))
    for (const { subscriber, ...grant } of grants) push(subscriber, { key, ...grant })
    for (const { subscriber, ...loss } of losses)
      listeners.get(subscriber)?.stolen({ key, ...loss })
    return reply
  }

  return {
    stateOf,
    listeners,
    push,
    facts: { ...facts, ttlResolutionMs: resolutionMs },
    async acquire({ key, ttlMs, waiter, ...request }) {
      const place = waiter && { waiter: { ...waiter, grantMs: coarse(waiter.grantMs) } }
      const rounded = { ...request, ...place, ttlMs: coarse(ttlMs) }
      return run(key, (state) => leaseStep.acquire(state, rounded, env()))
    },
    async steal({ key, ttlMs, ...request }) {
      const rounded = { ...request, ttlMs: coarse(ttlMs) }
      return run(key, (state) => leaseStep.steal(state, rounded, env()))
    },
    async extend({ key, ttlMs, ...request }) {
      const rounded = { ...request, ttlMs: coarse(ttlMs) }
      return run(key, (state) => leaseStep.extend(state, rounded, env()))
    },
    release: async (request) =>
      run(request.key, (state) => leaseStep.release(state, request, env())),
    leave: async (request) => run(request.key, (state) => leaseStep.leave(state, request, env())),
    list: async ({ prefix }) => ({
      keys: [...states.keys()].filter((key) => {
        if (!key.startsWith(prefix)) return false
        return leaseStep.inspect(stateOf(key), env()).reply.holders.length > 0
      }),
    }),
    inspect: async (key) => run(key, (state) => leaseStep.inspect(state, env())),
    onGrant(subscriber, listener) {
      listeners.set(subscriber, listener)
      const close = async () => {
        listeners.delete(subscriber)
      }
      return { ready: Promise.resolve(), close }
    },
    close: async () => {},
  }
}

export function stepCacheStore(resolutionMs = 1): StepCacheStore {
  const states = new Map<string, CacheState>()
  const stateOf = (key: string) => entryOf<CacheState>(states, key, () => ({}))
  const { now, coarse } = stepsOf(resolutionMs)
  const facts = { ttlResolutionMs: resolutionMs, valueBytesMax: 100_000, clock: true }
  const listeners = new Set<{ readonly prefix: string; readonly listener: SignalListener }>()
  const tell = (key: string, signal: LoadSignal) => {
    for (const { prefix, listener } of listeners) {
      if (key.startsWith(prefix)) listener.signal(key, signal)
    }
  }
  const teller = (key: string) => (signal: LoadSignal) => tell(key, signal)

  function fitting(key: string, data: Uint8Array): CacheState {
    if (data.length > facts.valueBytesMax) throw new RangeError('too large')
    return stateOf(key)
  }

  return {
    stateOf,
    tell,
    facts,
    read: async (keys) => keys.map((key) => cacheStep.read(stateOf(key), now())),
    async lease({ key, leaseMs, ...request }) {
      return cacheStep.lease(stateOf(key), { ...request, leaseMs: coarse(leaseMs) }, now())
    },
    async renew(key, token, leaseMs) {
      return cacheStep.renew(stateOf(key), token, coarse(leaseMs), now())
    },
    async commit({ key, ttlMs, ...request }) {
      const rounded = { ...request, ttlMs: coarse(ttlMs) }
      return cacheStep.commit(fitting(key, request.data), rounded, now(), teller(key))
    },
    async fail(key, token, reason, keepMs) {
      cacheStep.fail(stateOf(key), token, reason, coarse(keepMs), now(), teller(key))
    },
    async write({ key, ttlMs, ...request }) {
      const state = fitting(key, request.data)
      return cacheStep.write(state, { ...request, ttlMs: coarse(ttlMs) }, now(), teller(key))
    },
    async compareAndSet({ key, ttlMs, ...request }) {
      const state = fitting(key, request.data)
      const rounded = { ...request, ttlMs: coarse(ttlMs) }
      return cacheStep.compareAndSet(state, rounded, now(), teller(key))
    },
    remove: async (keys, options) =>
      keys.filter((key) => cacheStep.remove(stateOf(key), now(), teller(key), options?.announce))
        .length,
    listEntries: async ({ prefix }) => ({
      keys: [...states.keys()].filter((key) => {
        if (!key.startsWith(prefix)) return false
        return cacheStep.read(stateOf(key), now()) !== undefined || stateOf(key).lease !== undefined
      }),
    }),
    onSignal(prefix, listener) {
      const entry = { prefix, listener }
      listeners.add(entry)
      const close = async () => {
        listeners.delete(entry)
      }
      return { ready: Promise.resolve(), close }
    },
    close: async () => {},
  }
}

function stepsOf(resolutionMs: number) {
  return {
    now: () => Math.floor(nowMs() / resolutionMs) * resolutionMs,
    coarse: (ttlMs: number) =>
      resolutionMs === 1 ? ttlMs : (Math.ceil(ttlMs / resolutionMs) + 1) * resolutionMs,
  }
}

function entryOf<State>(states: Map<string, State>, key: string, create: () => State): State {
  const state = states.get(key) ?? create()
  states.set(key, state)
  return state
}
