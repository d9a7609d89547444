import type { AcquireRequest, Inspection } from '../../../src/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Lease stores with one mistake each: fences, and what is shown. */
export const brokenFenceInspectStores: BrokenStores<StepLeaseStore> = {
  'mints no fence': {
    fails: 'a grant carries a fence, a safe integer above zero',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state !== 'granted') return reply
        const { fence: _, ...granted } = reply
        return granted
      },
    }),
  },
  'mints fences beyond the safe integers': {
    fails: 'a grant carries a fence, a safe integer above zero',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state !== 'granted' || reply.fence === undefined) return reply
        return { ...reply, fence: reply.fence * 10 }
      },
    }),
  },
  'starts the fence again after a release': {
    fails: 'the fence grows over releases',
    instead: (store) => ({ acquire: (request) => withFence(store, request, () => 1) }),
  },
  'forgets the fence with an expired lease': {
    fails: 'the fence grows over expiries',
    instead(store) {
      const last = new Map<string, number>()
      return {
        acquire(request) {
          const { holders } = store.stateOf(request.key)
          const ended = [...holders.values()].some(({ untilMs }) => untilMs <= nowMs())
          return withFence(store, request, () => {
            const next = ended ? 1 : (last.get(request.key) ?? 0) + 1
            last.set(request.key, next)
            return next
          })
        },
      }
    },
  },
  'mints a fence for a repeated acquire': {
    fails: 'a repeated acquire keeps the fence',
    instead: (store) => ({
      acquire(request) {
        const state = store.stateOf(request.key)
        state.holders.delete(request.token)
        return store.acquire(request)
      },
    }),
  },
  'mints a fence for an extend': {
    fails: 'an extend keeps the fence',
    instead: (store) => ({
      async extend(request) {
        const reply = await store.extend(request)
        if (reply.state === 'extended') bumpFence(store, request.key)
        return reply
      },
    }),
  },
  'mints a fence for a refusal': {
    fails: 'a refused acquire leaves the fence as it is',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'held') bumpFence(store, request.key)
        return reply
      },
    }),
  },
  'shows no fence': {
    fails: 'inspect tells the fence',
    instead: (store) => ({
      inspect: (key) =>
        inspected(store, key, (holders) => holders.map(({ fence: _, ...holder }) => holder)),
    }),
  },
  'shows a holder that never was': {
    fails: 'inspect shows nobody on a free name',
    instead: (store) => ({
      inspect: (key) =>
        inspected(store, key, (holders) =>
          holders.length > 0 ? holders : [{ token: '', units: 1, remainingMs: 1 }],
        ),
    }),
  },
  'shows nobody': {
    fails: 'inspect shows the holder and the time it has left',
    instead: (store) => ({ inspect: (key) => inspected(store, key, () => []) }),
  },
  'shows the TTL of the acquire': {
    fails: 'inspect shows the new end after an extend',
    instead(store) {
      const ttls = new Map<string, number>()
      return {
        acquire(request) {
          ttls.set(request.token, request.ttlMs)
          return store.acquire(request)
        },
        inspect: (key) =>
          inspected(store, key, (holders) =>
            holders.map((holder) => ({ ...holder, remainingMs: ttls.get(holder.token) ?? 1 })),
          ),
      }
    },
  },
  'shows the last holder after its release': {
    fails: 'inspect shows nobody after a release',
    instead(store) {
      const released = new Map<string, string>()
      return {
        release(request) {
          released.set(request.key, request.token)
          return store.release(request)
        },
        inspect: (key) =>
          inspected(store, key, (holders) => {
            const token = released.get(key)
            if (holders.length > 0 || token === undefined) return holders
            return [{ token, units: 1, remainingMs: 1 }]
          }),
      }
    },
  },
  'shows expired holders': {
    fails: 'inspect shows nobody after the end of a lease',
    instead: (store) => ({
      inspect: async (key) => ({
        holders: [...store.stateOf(key).holders].map(([token, { fence, untilMs }]) => {
          return { token, units: 1, fence, remainingMs: Math.max(1, untilMs - nowMs()) }
        }),
        capacity: 1,
        waiters: 0,
      }),
    }),
  },
  'shows the holders of before beside the present one': {
    fails: 'inspect shows the successor alone',
    instead(store) {
      const known = new Map<string, string>()
      return {
        async acquire(request) {
          const reply = await store.acquire(request)
          if (reply.state === 'granted' && !known.has(request.key)) {
            known.set(request.key, request.token)
          }
          return reply
        },
        inspect: (key) =>
          inspected(store, key, (holders) => {
            const token = known.get(key)
            const missing = holders.length > 0 && !holders.some((each) => each.token === token)
            if (!missing || token === undefined) return holders
            return [...holders, { token, units: 1, remainingMs: 1 }]
          }),
      }
    },
  },
  'prolongs what it is asked to show': {
    fails: 'inspect does not prolong a lease',
    instead: (store) => ({
      async inspect(key) {
        // Before it looks, and whatever has ended: however late it is asked.
        for (const holder of store.stateOf(key).holders.values()) holder.untilMs = nowMs() + 60_000
        return store.inspect(key)
      },
    }),
  },
}

/** Grants with a fence from elsewhere; a holder keeps the one it got. */
async function withFence(store: StepLeaseStore, request: AcquireRequest, mint: () => number) {
  const { holders } = store.stateOf(request.key)
  const before = holders.get(request.token)
  const reply = await store.acquire(request)
  const after = holders.get(request.token)
  if (reply.state !== 'granted' || !after) return reply
  const fence = before === after ? after.fence : mint()
  holders.set(request.token, { ...after, fence })
  return { ...reply, fence }
}

function bumpFence(store: StepLeaseStore, key: string): void {
  const { holders } = store.stateOf(key)
  for (const [token, holder] of holders) holders.set(token, { ...holder, fence: holder.fence + 1 })
}

async function inspected(
  store: StepLeaseStore,
  key: string,
  change: (holders: Inspection['holders']) => Inspection['holders'],
): Promise<Inspection> {
  const { holders, ...rest } = await store.inspect(key)
  return { ...rest, holders: change(holders) }
}
