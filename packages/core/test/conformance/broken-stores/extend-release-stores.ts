import type { ExtendRequest } from '../../../src/index.ts'
import type { StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { moveEnd, prolong } from './lease-mistakes.ts'

/** Lease stores with one mistake each: whose lease is extended or released. */
export const brokenExtendReleaseStores: BrokenStores<StepLeaseStore> = {
  'extends nothing': {
    fails: 'the holder moves the end of its lease',
    instead: (store) => ({
      extend: async ({ ttlMs, ...request }) => {
        const reply = await store.extend({ ...request, ttlMs, notAfterMs: 0 })
        return reply.state === 'late' ? { state: 'extended', remainingMs: ttlMs } : reply
      },
    }),
  },
  'only prolongs': {
    fails: 'an extend sets a shorter TTL, too',
    instead: (store) => ({
      async extend(request) {
        const left = (await store.inspect(request.key)).holders[0]?.remainingMs ?? 0
        return store.extend({ ...request, ttlMs: Math.max(left, request.ttlMs) })
      },
    }),
  },
  'answers an extend with the old time left': {
    fails: 'an extend says which TTL the store has set',
    instead: (store) => ({
      async extend(request) {
        const left = (await store.inspect(request.key)).holders[0]?.remainingMs ?? 0
        const reply = await store.extend(request)
        return reply.state === 'extended' ? { ...reply, remainingMs: left } : reply
      },
    }),
  },
  'extends for any token': {
    fails: 'another token cannot extend',
    instead: (store) => ({
      extend: async (request) =>
        store.extend({ ...request, token: await holderOf(store, request) }),
    }),
  },
  'prolongs before it compares': {
    fails: 'an extend by another token does not prolong the lease',
    instead: (store) => ({
      extend(request) {
        prolong(store, request)
        return store.extend(request)
      },
    }),
  },
  'moves the end before it compares': {
    fails: 'an extend by another token does not shorten the lease',
    instead: (store) => ({
      extend(request) {
        moveEnd(store, request)
        return store.extend(request)
      },
    }),
  },
  'takes a free name by extend': {
    fails: 'a free name cannot be extended, and stays free',
    instead: (store) => ({ extend: (request) => extendOrTake(store, request) }),
  },
  'extends after a release': {
    fails: 'a released holder cannot extend',
    instead(store) {
      const released = new Set<string>()
      return {
        release(request) {
          released.add(request.token)
          return store.release(request)
        },
        extend: (request) =>
          released.has(request.token) ? extendOrTake(store, request) : store.extend(request),
      }
    },
  },
  'revives an expired lease by extend': {
    fails: 'an expired holder cannot extend',
    instead: (store) => ({
      extend(request) {
        const expired = store.stateOf(request.key).holders.has(request.token)
        return expired ? extendOrTake(store, request) : store.extend(request)
      },
    }),
  },
  'frees nothing': {
    fails: 'a release frees the name at once',
    instead: (store) => ({
      async release(request) {
        const reply = await store.extend({ ...request, ttlMs: 60_000 })
        return reply.state === 'extended' ? { state: 'released' } : { state: 'absent' }
      },
    }),
  },
  'says released whatever was there': {
    fails: 'a second release finds nothing',
    instead: (store) => ({
      async release(request) {
        await store.release(request)
        return { state: 'released' }
      },
    }),
  },
  'remembers every token that tried to release': {
    fails: 'a free name cannot be released',
    instead(store) {
      const seen = new Set<string>()
      return {
        async release(request) {
          const reply = await store.release(request)
          if (seen.has(request.token) || reply.state !== 'absent') return reply
          seen.add(request.token)
          return { state: 'released' }
        },
      }
    },
  },
  'releases for any token': {
    fails: 'another token cannot release',
    instead: (store) => ({
      release: async (request) =>
        store.release({ ...request, token: await holderOf(store, request) }),
    }),
  },
  'repeats a release that it has seen before': {
    fails: 'a release sent again does not free the successor',
    instead(store) {
      const released = new Set<string>()
      return {
        async release(request) {
          if (released.has(request.token)) store.stateOf(request.key).holders.clear()
          released.add(request.token)
          return store.release(request)
        },
      }
    },
  },
  'lets a token hold a name once': {
    fails: 'a name is held and freed over and over',
    instead(store) {
      const released = new Set<string>()
      return {
        async acquire(request) {
          if (released.has(request.token)) return { state: 'held', remainingMs: 1 }
          return store.acquire(request)
        },
        release(request) {
          released.add(request.token)
          return store.release(request)
        },
      }
    },
  },
  'frees a lease by the name of an expired holder': {
    fails: 'an expired holder cannot release the lease of its successor',
    instead(store) {
      const grants = new Set<string>()
      return {
        acquire(request) {
          grants.add(request.token)
          return store.acquire(request)
        },
        async release(request) {
          if (grants.has(request.token)) store.stateOf(request.key).holders.clear()
          return store.release(request)
        },
      }
    },
  },
  'releases an expired lease': {
    fails: 'an expired holder cannot release',
    instead: (store) => ({
      async release(request) {
        const expired = store.stateOf(request.key).holders.has(request.token)
        const reply = await store.release(request)
        return expired && reply.state === 'absent' ? { state: 'released' } : reply
      },
    }),
  },
  'extends a successor for the holder before it': {
    fails: 'an expired holder cannot extend the lease of its successor',
    instead(store) {
      const grants = new Set<string>()
      return {
        acquire(request) {
          grants.add(request.token)
          return store.acquire(request)
        },
        async extend(request) {
          const token = grants.has(request.token) ? await holderOf(store, request) : request.token
          return store.extend({ ...request, token })
        },
      }
    },
  },
  'grants a holder its expired lease once more': {
    fails: 'an expired holder is refused like anybody else',
    instead(store) {
      const grants = new Set<string>()
      return {
        async acquire(request) {
          const reply = await store.acquire(request)
          if (reply.state === 'granted') grants.add(request.token)
          if (!grants.has(request.token)) return reply
          return { state: 'granted', remainingMs: request.ttlMs, fence: 1 }
        },
      }
    },
  },
}

async function extendOrTake(store: StepLeaseStore, request: ExtendRequest) {
  const reply = await store.extend(request)
  if (reply.state !== 'absent') return reply
  await store.acquire(request)
  return { state: 'extended', remainingMs: request.ttlMs } as const
}

const holderOf = async (store: StepLeaseStore, { key, token }: { key: string; token: string }) =>
  (await store.inspect(key)).holders[0]?.token ?? token
