import { setImmediate as turn } from 'node:timers/promises'
import type { CompareAndSetReply, CompareAndSetRequest } from '../../../src/index.ts'
import { nowMs, type StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Cache stores with one mistake each in how they compare and set. */
export const brokenCompareStores: BrokenStores<StepCacheStore> = {
  'says that it has stored': {
    fails: 'it stores over the version expected',
    instead: () => ({ compareAndSet: async ({ token }) => ({ state: 'written', version: token }) }),
  },
  'keeps the version that was expected': {
    fails: 'it stores over the version expected',
    instead: (store) => ({
      compareAndSet: (request) =>
        store.compareAndSet({ ...request, token: request.expected ?? request.token }),
    }),
  },
  'needs an entry': {
    fails: 'it stores where no entry is expected and none is',
    instead: (store) => ({
      compareAndSet: async (request) =>
        versionOf(store, request) === undefined
          ? { state: 'conflict' }
          : store.compareAndSet(request),
    }),
  },
  'compares nothing': {
    fails: 'another version is a conflict, told and left alone',
    instead: (store) => ({ compareAndSet: (request) => overwrite(store, request) }),
  },
  'tells no version': {
    fails: 'another version is a conflict, told and left alone',
    instead: (store) => ({
      async compareAndSet(request) {
        const reply = await store.compareAndSet(request)
        return reply.state === 'conflict' ? { state: 'conflict' } : reply
      },
    }),
  },
  'takes a missing entry for any version': {
    fails: 'no entry where one is expected is a conflict',
    instead: (store) => ({
      compareAndSet: (request) =>
        versionOf(store, request) === undefined
          ? overwrite(store, request)
          : store.compareAndSet(request),
    }),
  },
  'tells the version expected for the one there': {
    fails: 'no entry where one is expected is a conflict',
    instead: (store) => ({
      async compareAndSet(request) {
        const version = request.expected
        return { ...(await store.compareAndSet(request)), ...(version && { version }) }
      },
    }),
  },
  'compares only where a version is expected': {
    fails: 'an entry where none is expected is a conflict',
    instead: (store) => ({
      compareAndSet: (request) =>
        request.expected === undefined ? overwrite(store, request) : store.compareAndSet(request),
    }),
  },
  'compares with what has ended': {
    fails: 'an entry that has ended is none',
    instead: (store) => ({
      compareAndSet: async (request) =>
        store.stateOf(request.key).entry?.version === request.expected
          ? overwrite(store, request)
          : { state: 'conflict' },
    }),
  },
  'takes the same bytes for the same version': {
    fails: 'the same bytes written again are not the version expected',
    instead(store) {
      const written = new Map<string, string>()
      return {
        write(request) {
          written.set(request.token, Buffer.from(request.data).toString('hex'))
          return store.write(request)
        },
        compareAndSet(request) {
          const bytes = written.get(request.expected ?? '')
          const same = bytes && bytes === written.get(versionOf(store, request) ?? '')
          return same ? overwrite(store, request) : store.compareAndSet(request)
        },
      }
    },
  },
  'compares with what somebody wrote': {
    fails: 'it goes on from the version that it set',
    instead(store) {
      const set = new Set<string>()
      return {
        async compareAndSet(request) {
          if (set.has(request.expected ?? '')) return { state: 'conflict' }
          set.add(request.token)
          return store.compareAndSet(request)
        },
      }
    },
  },
  'keeps the end of the entry that it replaces': {
    fails: 'a value stored by comparison ends by itself',
    instead: (store) => ({
      compareAndSet: (request) =>
        store.compareAndSet({
          ...request,
          ttlMs: (store.stateOf(request.key).entry?.untilMs ?? nowMs() + request.ttlMs) - nowMs(),
        }),
    }),
  },
  'lets the load go on': {
    fails: 'it voids the load',
    instead: (store) => ({
      async compareAndSet(request) {
        const state = store.stateOf(request.key)
        const { lease } = state
        const reply = await store.compareAndSet(request)
        if (lease) state.lease = lease
        return reply
      },
    }),
  },
  'voids the load before it compares': {
    fails: 'a conflict leaves the load alone',
    instead: (store) => ({
      compareAndSet(request) {
        delete store.stateOf(request.key).lease
        return store.compareAndSet(request)
      },
    }),
  },
  'takes its own repeat for a conflict': {
    fails: 'repeated while its entry is there it changes nothing',
    instead: (store) => ({
      compareAndSet: async (request) =>
        versionOf(store, request) === request.expected
          ? store.compareAndSet(request)
          : { state: 'conflict', version: versionOf(store, request) ?? '' },
    }),
  },
  'stores again when it is repeated': {
    fails: 'repeated while its entry is there it changes nothing',
    instead: (store) => ({
      compareAndSet: (request) =>
        versionOf(store, request) === request.token
          ? overwrite(store, request)
          : store.compareAndSet(request),
    }),
  },
  'answers a repeat from memory': {
    fails: 'repeated after the next write it is a conflict',
    instead(store) {
      const written = new Map<string, CompareAndSetReply>()
      return {
        async compareAndSet(request) {
          const reply = written.get(request.token) ?? (await store.compareAndSet(request))
          if (reply.state === 'written') written.set(request.token, reply)
          return reply
        },
      }
    },
  },
  'compares and sets in two steps': {
    fails: 'one of 50 rivals stores',
    instead: (store) => ({
      async compareAndSet(request) {
        const version = versionOf(store, request)
        await turn()
        return version === request.expected
          ? overwrite(store, request)
          : store.compareAndSet(request)
      },
    }),
  },
  'carries out a late comparison': {
    fails: 'a late comparison changes nothing',
    instead: (store) => ({
      async compareAndSet(request) {
        const { notAfterMs: _, ...inTime } = request
        const reply = await store.compareAndSet(request)
        if (reply.state === 'late') await store.compareAndSet(inTime)
        return reply
      },
    }),
  },
  'takes each limit of a comparison for one that has passed': {
    fails: 'a command in time is carried out',
    instead: (store) => ({
      compareAndSet: ({ notAfterMs, ...request }) =>
        store.compareAndSet({ ...request, ...(notAfterMs && { notAfterMs: 0 }) }),
    }),
  },
  'tells of no load that a comparison voided': {
    fails: 'a comparison that stores tells that it voided the load',
    instead: (store) => ({
      compareAndSet(request) {
        if (versionOf(store, request) === request.expected) delete store.stateOf(request.key).lease
        return store.compareAndSet(request)
      },
    }),
  },
  'cuts values that it compares for': {
    fails: 'the largest value is stored whole, a larger one is refused',
    instead: (store) => ({
      compareAndSet: (request) =>
        store.compareAndSet({
          ...request,
          data: request.data.subarray(0, store.facts.valueBytesMax),
        }),
    }),
  },
}

function versionOf(store: StepCacheStore, { key }: { readonly key: string }): string | undefined {
  const { entry } = store.stateOf(key)
  return entry && entry.untilMs > nowMs() ? entry.version : undefined
}

async function overwrite(
  store: StepCacheStore,
  { expected: _, ...request }: CompareAndSetRequest,
): Promise<CompareAndSetReply> {
  await store.write(request)
  return { state: 'written', version: request.token }
}
