import { type CacheStore, type LeaseStore, systemClock } from '../../src/index.ts'
import {
  type CacheState,
  cacheStep,
  freeLease,
  type LeaseState,
  leaseStep,
} from '../../src/spec/index.ts'

/** The specification as a lease store, its states open so that a test can break it. */
export interface StepLeaseStore extends LeaseStore {
  stateOf(key: string): LeaseState
}

/** The specification as a cache store, its states open so that a test can break it. */
export interface StepCacheStore extends CacheStore {
  stateOf(key: string): CacheState
}

export const nowMs = (): number => Math.floor(systemClock.wall())

/** `resolutionMs`: time passes in such steps, and a TTL is rounded up and lasts one step more. */
export function stepLeaseStore(resolutionMs = 1): StepLeaseStore {
  const states = new Map<string, LeaseState>()
  const stateOf = (key: string) => entryOf(states, key, freeLease)
  const { now, coarse } = stepsOf(resolutionMs)
  const env = () => ({ nowUs: now() * 1000, alive: () => true })
  const facts = { durability: 'process', fencing: true, exclusive: true } as const
  return {
    stateOf,
    facts: { ...facts, ttlResolutionMs: resolutionMs },
    async acquire({ key, ttlMs, ...request }) {
      return leaseStep.acquire(stateOf(key), { ...request, ttlMs: coarse(ttlMs) }, env()).reply
    },
    async extend({ key, ttlMs, ...request }) {
      return leaseStep.extend(stateOf(key), { ...request, ttlMs: coarse(ttlMs) }, env()).reply
    },
    release: async (request) => leaseStep.release(stateOf(request.key), request, env()).reply,
    inspect: async (key) => leaseStep.inspect(stateOf(key), env()).reply,
    close: async () => {},
  }
}

export function stepCacheStore(resolutionMs = 1): StepCacheStore {
  const states = new Map<string, CacheState>()
  const stateOf = (key: string) => entryOf<CacheState>(states, key, () => ({}))
  const { now, coarse } = stepsOf(resolutionMs)
  const facts = { ttlResolutionMs: resolutionMs, valueBytesMax: 100_000 }

  function fitting(key: string, data: Uint8Array): CacheState {
    if (data.length > facts.valueBytesMax) throw new RangeError('too large')
    return stateOf(key)
  }

  return {
    stateOf,
    facts,
    read: async (keys) => keys.map((key) => cacheStep.read(stateOf(key), now())),
    async lease({ key, leaseMs, ...request }) {
      return cacheStep.lease(stateOf(key), { ...request, leaseMs: coarse(leaseMs) }, now())
    },
    async renew(key, token, leaseMs) {
      return cacheStep.renew(stateOf(key), token, coarse(leaseMs), now())
    },
    async commit({ key, data, ttlMs, token }) {
      return cacheStep.commit(fitting(key, data), { data, token, ttlMs: coarse(ttlMs) }, now())
    },
    async fail(key, token, reason, keepMs) {
      cacheStep.fail(stateOf(key), token, reason, coarse(keepMs), now())
    },
    async write({ key, ttlMs, ...request }) {
      const state = fitting(key, request.data)
      return cacheStep.write(state, { ...request, ttlMs: coarse(ttlMs) }, now())
    },
    remove: async (keys) => keys.filter((key) => cacheStep.remove(stateOf(key), now())).length,
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
