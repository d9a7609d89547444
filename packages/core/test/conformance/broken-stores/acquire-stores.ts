import { setImmediate as turn } from 'node:timers/promises'
import type { AcquireRequest } from '../../../src/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { granted, moveEnd, prolong } from './lease-mistakes.ts'

/** Lease stores with one mistake each: who is granted, and for how long. */
export const brokenAcquireStores: BrokenStores<StepLeaseStore> = {
  'answers with the end of the lease instead of the time left': {
    fails: 'a grant says which TTL the store has set',
    instead: (store) => ({ acquire: (request) => granted(store, request, nowMs()) }),
  },
  'answers with no time left': {
    fails: 'a grant says which TTL the store has set',
    instead: (store) => ({ acquire: (request) => granted(store, request, -request.ttlMs) }),
  },
  'grants no name': {
    fails: 'a free name is granted',
    instead: () => ({ acquire: async () => ({ state: 'held', remainingMs: 1 }) }),
  },
  'excludes nobody': {
    fails: 'another token is refused',
    instead: (store) => ({
      acquire: (request) => store.acquire({ ...request, key: request.key + request.token }),
    }),
  },
  'lets every twentieth rival in': {
    fails: 'a counter that only the holder touches counts exactly',
    instead(store) {
      let calls = 0
      return {
        async acquire(request) {
          const reply = await store.acquire(request)
          if (reply.state !== 'held' || ++calls % 20 > 0) return reply
          return { state: 'granted', remainingMs: request.ttlMs, fence: calls }
        },
      }
    },
  },
  'tells the rival its own TTL': {
    fails: 'whoever is refused learns how long the lease may last',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        return reply.state === 'held' ? { ...reply, remainingMs: request.ttlMs } : reply
      },
    }),
  },
  'lets a refused acquire move the end': {
    fails: 'a refused acquire does not prolong the lease',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'held') moveEnd(store, request)
        return reply
      },
    }),
  },
  'lets a refused acquire cut the lease': {
    fails: 'a refused acquire does not shorten the lease',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'held' && request.ttlMs < reply.remainingMs) moveEnd(store, request)
        return reply
      },
    }),
  },
  'lets a refused acquire take over': {
    fails: 'a refused acquire leaves the holder its lease',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        const { holders } = store.stateOf(request.key)
        const [holder] = holders.values()
        if (reply.state !== 'held' || !holder) return reply
        holders.clear()
        holders.set(request.token, holder)
        return reply
      },
    }),
  },
  'checks and sets in two steps': {
    fails: 'one of 50 rivals gets a free name',
    instead: (store) => ({
      async acquire(request) {
        const { holders } = await store.inspect(request.key)
        await turn()
        if (holders.length === 0) store.stateOf(request.key).holders.clear()
        return store.acquire(request)
      },
    }),
  },
  'drops an ended lease in a step of its own': {
    fails: 'one of 50 rivals gets a name whose lease has ended',
    instead: (store) => ({
      async acquire(request) {
        const { holders } = store.stateOf(request.key)
        const [holder] = holders.values()
        if (holder && holder.untilMs <= nowMs()) {
          await turn()
          holders.clear()
        }
        return store.acquire(request)
      },
    }),
  },
  'frees a name before the release is done': {
    fails: 'one rival at most gets a name that is being released',
    instead(store) {
      const leaving = new Set<string>()
      return {
        async acquire(request) {
          if (!leaving.has(request.key)) return store.acquire(request)
          return { state: 'granted', remainingMs: request.ttlMs, fence: 1 }
        },
        async release(request) {
          leaving.add(request.key)
          await turn()
          leaving.delete(request.key)
          return store.release(request)
        },
      }
    },
  },
  'refuses the holder that asks again': {
    fails: 'a repeated acquire by the holder is granted again',
    instead: (store) => ({
      async acquire(request) {
        const [held] = (await store.inspect(request.key)).holders
        if (held) return { state: 'held', remainingMs: held.remainingMs }
        return store.acquire(request)
      },
    }),
  },
  'keeps the old TTL when the holder asks again': {
    fails: 'a repeated acquire re-sets the TTL',
    instead: (store) => ({ acquire: repeatedBy(store, () => {}) }),
  },
  'only prolongs when the holder asks again': {
    fails: 'a repeated acquire sets a shorter TTL, too',
    instead: (store) => ({
      acquire: repeatedBy(store, (request) => prolong(store, request)),
    }),
  },
  'counts how often the holder asked': {
    fails: 'a repeated acquire is undone by one release',
    instead(store) {
      const counts = new Map<string, number>()
      const count = (token: string, by: number) => {
        const now = (counts.get(token) ?? 0) + by
        counts.set(token, now)
        return now
      }
      return {
        acquire(request) {
          count(request.token, 1)
          return store.acquire(request)
        },
        async release(request) {
          if (count(request.token, -1) > 0) return { state: 'released' }
          return store.release(request)
        },
      }
    },
  },
}

/** `acquire`, whose repetition by the holder only does what `change` does. */
function repeatedBy(
  store: StepLeaseStore,
  change: (request: AcquireRequest) => void,
): StepLeaseStore['acquire'] {
  return async (request) => {
    const [held] = (await store.inspect(request.key)).holders
    if (held?.token !== request.token) return store.acquire(request)
    change(request)
    return { ...held, state: 'granted', remainingMs: request.ttlMs }
  }
}
