import type { StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { LONG_MS, loaderOf, put } from './cache-mistakes.ts'

/** Cache stores with one mistake each: what becomes of a load that failed. */
export const brokenFailureStores: BrokenStores<StepCacheStore> = {
  'forgets why a load failed': {
    fails: 'those who wait are told the reason',
    instead: (store) => ({ fail: (key, token) => store.fail(key, token, '', LONG_MS) }),
  },
  'tells the first who waited only': {
    fails: 'those who wait are told the reason',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state === 'failed') delete store.stateOf(request.key).lease
        return reply
      },
    }),
  },
  'tells newcomers of the failure': {
    fails: 'a newcomer loads at once',
    instead: (store) => ({
      lease: (request) => store.lease({ ...failedOf(store, request.key), ...request }),
    }),
  },
  'tells everybody who waits for something': {
    fails: 'who waits for another load is not told',
    instead: (store) => ({
      lease: ({ awaited, ...request }) =>
        store.lease({
          ...request,
          ...(awaited !== undefined && (failedOf(store, request.key) ?? { awaited })),
        }),
    }),
  },
  'forgets the failure when the next one loads': {
    fails: 'the load of a newcomer does not hide the reason from those who wait',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state === 'won') delete store.stateOf(request.key).lease?.failed
        return reply
      },
    }),
  },
  'keeps the failure that nobody waits for': {
    fails: 'of a failure that nobody waits for nothing is left',
    instead: (store) => ({
      fail(key, token, reason, keepMs) {
        const { lease } = store.stateOf(key)
        if (lease) lease.awaited = true
        return store.fail(key, token, reason, keepMs)
      },
    }),
  },
  'keeps the failure for ever': {
    fails: 'the reason is kept for its time only',
    instead: (store) => ({ fail: (key, token, reason) => store.fail(key, token, reason, LONG_MS) }),
  },
  'tells the failure before the value': {
    fails: 'a value that came later is what those who waited get',
    instead: (store) => keepingFailures(store, ({ awaited }) => awaited !== undefined),
  },
  'keeps the failure at a commit': {
    fails: 'a commit forgets the failure',
    instead: (store) =>
      keepingFailures(
        store,
        ({ key, awaited, seen }) =>
          awaited !== undefined && seen === store.stateOf(key).entry?.version,
      ),
  },
  'drops the entry whose load failed': {
    fails: 'a failed load leaves the entry as it is',
    instead: (store) => ({
      async fail(key, token, reason, keepMs) {
        await store.fail(key, token, reason, keepMs)
        delete store.stateOf(key).entry
      },
    }),
  },
  'lets a failed load commit': {
    fails: 'a failed load cannot commit',
    instead: (store) => ({
      commit: async (request) =>
        store.stateOf(request.key).lease?.failed?.token === request.token
          ? put(store, request)
          : store.commit(request),
    }),
  },
  'keeps the lease of a failed load': {
    fails: 'a newcomer loads at once',
    instead: () => ({ fail: async () => {} }),
  },
  'fails for any token': {
    fails: 'another token cannot fail the load',
    instead: (store) => ({
      fail: (key, token, reason, keepMs) =>
        store.fail(key, loaderOf(store, key) ?? token, reason, keepMs),
    }),
  },
  'fails for whoever loaded once': {
    fails: 'an expired load cannot fail the one of its successor',
    instead(store) {
      const loaders = new Set<string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.add(request.token)
          return reply
        },
        fail(key, token, reason, keepMs) {
          const holder = loaders.has(token) ? loaderOf(store, key) : token
          return store.fail(key, holder ?? token, reason, keepMs)
        },
      }
    },
  },
}

function failedOf(store: StepCacheStore, key: string): { readonly awaited: string } | undefined {
  const failed = store.stateOf(key).lease?.failed
  return failed && { awaited: failed.token }
}

/** Failures survive a commit, and are told to whom `isTold` says. */
function keepingFailures(
  store: StepCacheStore,
  isTold: (request: Parameters<StepCacheStore['lease']>[0]) => boolean,
): Partial<StepCacheStore> {
  const failures = new Map<string, string>()
  return {
    fail(key, token, reason, keepMs) {
      failures.set(token, reason)
      return store.fail(key, token, reason, keepMs)
    },
    async lease(request) {
      const reason = failures.get(request.awaited ?? '')
      if (reason !== undefined && isTold(request)) return { state: 'failed', reason }
      return store.lease(request)
    },
  }
}
