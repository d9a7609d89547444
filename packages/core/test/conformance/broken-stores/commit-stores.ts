import type { StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { loaderOf, put } from './cache-mistakes.ts'

/** Cache stores with one mistake each: whose value is stored, and what voids a load. */
export const brokenCommitStores: BrokenStores<StepCacheStore> = {
  'commits nothing': {
    fails: 'the loader stores its value under its token',
    instead: (store) => ({
      async commit({ key, token }) {
        const mine = loaderOf(store, key) === token
        if (mine) delete store.stateOf(key).lease
        return mine
      },
    }),
  },
  'commits a missing entry only': {
    fails: 'a commit replaces the version that the loader saw',
    instead: (store) => ({
      commit: async (request) => !store.stateOf(request.key).entry && store.commit(request),
    }),
  },
  'keeps the lease at a commit': {
    fails: 'a commit ends the lease',
    instead: (store) => ({
      async commit(request) {
        const { lease } = store.stateOf(request.key)
        const committed = await store.commit(request)
        if (lease) store.stateOf(request.key).lease = lease
        return committed
      },
    }),
  },
  'commits again what it has committed': {
    fails: 'a second commit is refused',
    instead: (store) => ({
      commit: async (request) =>
        (await store.commit(request)) ||
        store.stateOf(request.key).entry?.version === request.token,
    }),
  },
  'commits without looking at the lease': {
    fails: 'a commit without a lease is refused',
    instead: (store) => ({ commit: (request) => put(store, request) }),
  },
  'commits under any lease': {
    fails: 'a commit by another token is refused, and the load goes on',
    instead: (store) => ({
      commit: async (request) => loaderOf(store, request.key) !== undefined && put(store, request),
    }),
  },
  'commits under an ended lease': {
    fails: 'a commit after the end of the lease is refused',
    instead: (store) => ({
      commit: async (request) =>
        store.stateOf(request.key).lease?.holder === request.token && put(store, request),
    }),
  },
  'drops the lease before it compares': {
    fails: 'a commit after the end of the lease leaves the successor alone',
    instead: (store) => ({
      async commit(request) {
        const committed = await store.commit(request)
        delete store.stateOf(request.key).lease
        return committed
      },
    }),
  },
  'leaves the lease at a remove': {
    fails: 'a load that began before a remove cannot commit',
    instead: (store) => ({
      remove: (keys) => keepingLeases(store, keys, () => store.remove(keys)),
    }),
  },
  'leaves the lease of a missing entry at a remove': {
    fails: 'a load of a missing entry that began before a remove cannot commit',
    instead: (store) => ({
      async remove(keys) {
        const missing = keys.filter((key) => !store.stateOf(key).entry)
        return keepingLeases(store, missing, () => store.remove(keys))
      },
    }),
  },
  'leaves the lease at a write': {
    fails: 'a load that began before a write cannot commit',
    instead: (store) => ({
      write: (request) => keepingLeases(store, [request.key], () => store.write(request)),
    }),
  },
  'renews a lease that was voided': {
    fails: 'a voided lease cannot be renewed',
    instead(store) {
      const loaders = new Map<string, string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.set(request.key, request.token)
          return reply
        },
        renew: async (key, token, leaseMs) =>
          (await store.renew(key, token, leaseMs)) || loaders.get(key) === token,
      }
    },
  },
  'lets the voided loader finish before the next one': {
    fails: 'a remove voids the load, and the next one is elected',
    instead: (store) => ({
      remove: (keys) => markingLeases(store, keys, () => store.remove(keys)),
    }),
  },
  'lets the overwritten loader finish before the next one': {
    fails: 'a write voids the load, and the next one is elected',
    instead: (store) => ({
      write: (request) => markingLeases(store, [request.key], () => store.write(request)),
    }),
  },
  'lets any loader of the time before commit under a new lease': {
    fails: 'a voided load cannot commit under the lease of its successor',
    instead(store) {
      const loaders = new Set<string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.add(request.token)
          return reply
        },
        commit: async (request) =>
          (await store.commit(request)) ||
          (loaders.has(request.token) &&
            loaderOf(store, request.key) !== undefined &&
            put(store, request)),
      }
    },
  },
  'keeps the failure at a remove': {
    fails: 'a remove forgets the failure of the load',
    instead: (store) => ({
      async remove(keys) {
        const failed = keys.map((key) => store.stateOf(key).lease)
        const count = await store.remove(keys)
        for (const [i, key] of keys.entries()) {
          const lease = failed[i]
          if (lease?.failed) store.stateOf(key).lease = lease
        }
        return count
      },
    }),
  },
}

async function keepingLeases<Reply>(
  store: StepCacheStore,
  keys: readonly string[],
  command: () => Promise<Reply>,
): Promise<Reply> {
  const leases = keys.map((key) => store.stateOf(key).lease)
  const reply = await command()
  for (const [i, key] of keys.entries()) {
    const lease = leases[i]
    if (lease) store.stateOf(key).lease = lease
  }
  return reply
}

/** The leases stay, under a token that cannot commit. */
async function markingLeases<Reply>(
  store: StepCacheStore,
  keys: readonly string[],
  command: () => Promise<Reply>,
): Promise<Reply> {
  const reply = await keepingLeases(store, keys, command)
  for (const key of keys) {
    const { lease } = store.stateOf(key)
    if (lease?.holder !== undefined) lease.holder = 'voided'
  }
  return reply
}
