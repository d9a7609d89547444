import type { LoadLeaseReply } from '../../../src/index.ts'
import { nowMs, type StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { LONG_MS, loaderOf } from './cache-mistakes.ts'

/** Cache stores with one mistake each: who loads, for how long, and who hears of it. */
export const brokenElectionStores: BrokenStores<StepCacheStore> = {
  'elects nobody': {
    fails: 'the first to miss loads',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state !== 'won') return reply
        return { state: 'lost', holder: '', remainingMs: 1, vanished: false }
      },
    }),
  },
  'elects everybody': {
    fails: 'the second learns who loads, and for how long at most',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        return reply.state === 'lost' ? { state: 'won', vanished: reply.vanished } : reply
      },
    }),
  },
  'tells the loser its own lease': {
    fails: 'the second learns who loads, and for how long at most',
    instead: (store) => ({
      lease: (request) =>
        answered(store.lease(request), (reply) =>
          reply.state === 'lost' ? { ...reply, remainingMs: request.leaseMs } : reply,
        ),
    }),
  },
  'tells the loser its own token': {
    fails: 'the second learns who loads, and for how long at most',
    instead: (store) => ({
      lease: (request) =>
        answered(store.lease(request), (reply) =>
          reply.state === 'lost' ? { ...reply, holder: request.token } : reply,
        ),
    }),
  },
  'refuses the loader that asks again': {
    fails: 'the loader that asks again has won again',
    instead: (store) => ({
      async lease(request) {
        const mine = loaderOf(store, request.key) === request.token
        const reply = await store.lease(request)
        if (!mine || reply.state !== 'won') return reply
        return { state: 'lost', holder: request.token, remainingMs: 1, vanished: reply.vanished }
      },
    }),
  },
  'keeps the end of a repeated lease': {
    fails: 'the loader that asks again re-sets the end of its lease',
    instead: (store) => ({
      lease(request) {
        const { lease } = store.stateOf(request.key)
        const mine = lease?.holder === request.token && lease.untilMs > nowMs()
        const leaseMs = mine ? lease.untilMs - nowMs() : request.leaseMs
        return store.lease({ ...request, leaseMs })
      },
    }),
  },
  'does not look again': {
    fails: 'who missed gets the value that is there by now',
    instead: (store) => ({
      async lease(request) {
        const seen = store.stateOf(request.key).entry?.version
        return store.lease({ ...request, ...(seen !== undefined && { seen }) })
      },
    }),
  },
  'takes any version for the one that was seen': {
    fails: 'who saw an older version gets the newer value',
    instead: (store) => ({
      async lease(request) {
        const current = store.stateOf(request.key).entry?.version
        const seen = request.seen === undefined ? undefined : (current ?? request.seen)
        return store.lease({ ...request, ...(seen !== undefined && { seen }) })
      },
    }),
  },
  'looks at the lease before the value': {
    fails: 'a newer value is told while somebody loads, too',
    instead: (store) => ({
      async lease(request) {
        const holder = loaderOf(store, request.key)
        if (holder === undefined || holder === request.token) return store.lease(request)
        const vanished = request.seen !== undefined && !store.stateOf(request.key).entry
        return { state: 'lost', holder, remainingMs: 1, vanished }
      },
    }),
  },
  'takes a seen version for news': {
    fails: 'who saw the current version loads the next, and the entry stays',
    instead: (store) => ({ lease: ({ seen: _, ...request }) => store.lease(request) }),
  },
  'drops the entry that is loaded anew': {
    fails: 'who saw the current version loads the next, and the entry stays',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state === 'won') delete store.stateOf(request.key).entry
        return reply
      },
    }),
  },
  'never tells that an entry vanished': {
    fails: 'who saw an entry that is gone is told that it vanished',
    instead: (store) => ({
      lease: (request) =>
        answered(store.lease(request), (reply) =>
          'vanished' in reply ? { ...reply, vanished: false } : reply,
        ),
    }),
  },
  'takes an ended entry for one that is there': {
    fails: 'an entry that has ended has vanished',
    instead: (store) => ({
      async lease(request) {
        const there = store.stateOf(request.key).entry !== undefined
        const reply = await store.lease(request)
        return there && 'vanished' in reply ? { ...reply, vanished: false } : reply
      },
    }),
  },
  'has one lease for all keys': {
    fails: 'a load of one key does not keep another from loading',
    instead: (store) => ({ lease: (request) => store.lease({ ...request, key: 'all' }) }),
  },
  'never ends a lease': {
    fails: 'a lease ends by itself, and the next one loads',
    instead: (store) => ({ lease: (request) => store.lease({ ...request, leaseMs: LONG_MS }) }),
  },
  'takes the shortest lease for endless': {
    fails: 'the shortest lease ends by itself, too',
    instead: (store) => ({
      lease: (request) =>
        store.lease({ ...request, leaseMs: request.leaseMs < 100 ? LONG_MS : request.leaseMs }),
    }),
  },
  'ends a lease early': {
    fails: 'a lease lasts for its time',
    instead: (store) => ({
      lease: (request) => store.lease({ ...request, leaseMs: Math.ceil(request.leaseMs / 4) }),
    }),
  },
  'lets a loser move the end of the lease': {
    fails: 'whoever is refused does not prolong the lease',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        const { lease } = store.stateOf(request.key)
        if (reply.state === 'lost' && lease) lease.untilMs = nowMs() + request.leaseMs
        return reply
      },
    }),
  },
  'renews nothing': {
    fails: 'the loader renews its lease',
    instead: (store) => ({ renew: async (key, token) => loaderOf(store, key) === token }),
  },
  'only prolongs a lease': {
    fails: 'a renewal sets a shorter time, too',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        const left = (store.stateOf(key).lease?.untilMs ?? 0) - nowMs()
        return store.renew(key, token, Math.max(left, leaseMs))
      },
    }),
  },
  'renews for any token': {
    fails: 'another token cannot renew',
    instead: (store) => ({
      renew: async (key, token, leaseMs) =>
        store.renew(key, loaderOf(store, key) ?? token, leaseMs),
    }),
  },
  'elects by renewing': {
    fails: 'what nobody loads cannot be renewed',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        if (await store.renew(key, token, leaseMs)) return true
        return (await store.lease({ key, token, leaseMs })).state === 'won'
      },
    }),
  },
  'revives an ended lease': {
    fails: 'an ended lease cannot be renewed',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        const { lease } = store.stateOf(key)
        if (lease?.holder === token) lease.untilMs = nowMs() + leaseMs
        return store.renew(key, token, leaseMs)
      },
    }),
  },
  'renews for whoever loaded once': {
    fails: 'an ended lease cannot renew the one of its successor',
    instead(store) {
      const loaders = new Set<string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.add(request.token)
          return reply
        },
        async renew(key, token, leaseMs) {
          const holder = loaders.has(token) ? loaderOf(store, key) : token
          return store.renew(key, holder ?? token, leaseMs)
        },
      }
    },
  },
  'prolongs the entry with the lease': {
    fails: 'a renewal leaves the entry as it is',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        const { entry } = store.stateOf(key)
        const renewed = await store.renew(key, token, leaseMs)
        if (entry) store.stateOf(key).entry = { ...entry, untilMs: nowMs() + leaseMs }
        return renewed
      },
    }),
  },
}

const answered = async (
  reply: Promise<LoadLeaseReply>,
  change: (reply: LoadLeaseReply) => LoadLeaseReply,
) => change(await reply)
