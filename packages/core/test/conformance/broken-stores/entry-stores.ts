import type { StoredEntry } from '../../../src/index.ts'
import { nowMs, type StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { LONG_MS } from './cache-mistakes.ts'

/** Cache stores with one mistake each: what is read and written, what is removed, when it ends. */
export const brokenEntryStores: BrokenStores<StepCacheStore> = {
  'answers a miss with nothing inside': {
    fails: 'a key that nobody wrote is a miss',
    instead: (store) => ({
      read: (keys) => readAs(store, keys, (entry) => entry ?? { version: '', data: Buffer.of() }),
    }),
  },
  'never stores': {
    fails: 'a written value is read',
    instead: () => ({ write: async () => ({ state: 'written' }) }),
  },
  'takes an empty value for a miss': {
    fails: 'an empty value is a value',
    instead: (store) => ({
      read: (keys) => readAs(store, keys, (entry) => (entry?.data.length ? entry : undefined)),
    }),
  },
  'keeps values as text': {
    fails: 'every byte value comes back as it was',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, data: Buffer.from(Buffer.from(request.data).toString()) }),
    }),
  },
  'cuts values at 64 kB': {
    fails: 'a large value comes back as it was',
    instead: (store) => ({
      write: (request) => store.write({ ...request, data: request.data.subarray(0, 65_536) }),
    }),
  },
  'writes over the start of the old value': {
    fails: 'a write replaces the value',
    instead: (store) => ({
      async write(request) {
        const [old] = await store.read([request.key])
        const rest = old?.data.subarray(request.data.length) ?? []
        return store.write({ ...request, data: Uint8Array.of(...request.data, ...rest) })
      },
    }),
  },
  'counts versions of its own': {
    fails: 'the token of a write becomes the version',
    instead(store) {
      let count = 0
      return { write: (request) => store.write({ ...request, token: `${count++}` }) }
    },
  },
  'takes the bytes for the version': {
    fails: 'the same bytes written again are another version',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, token: Buffer.from(request.data).toString('hex') }),
    }),
  },
  'folds the case of keys': {
    fails: 'similar and long keys are entries of their own',
    instead: (store) => renamed(store, (key) => key.toLowerCase()),
  },
  'cuts long keys': {
    fails: 'similar and long keys are entries of their own',
    instead: (store) => renamed(store, (key) => key.slice(0, 200)),
  },
  'takes no value of the largest size': {
    fails: 'the largest value is stored whole, a larger one is refused',
    instead: (store) => ({
      async write(request) {
        if (request.data.length >= store.facts.valueBytesMax) throw new RangeError('too large')
        return store.write(request)
      },
    }),
  },
  'drops the old value for one too large': {
    fails: 'the largest value is stored whole, a larger one is refused',
    instead: (store) => ({
      async write(request) {
        if (request.data.length > store.facts.valueBytesMax) await store.remove([request.key])
        return store.write(request)
      },
    }),
  },
  'cuts loaded values that are too large': {
    fails: 'the largest value is stored whole, a larger one is refused',
    instead: (store) => ({
      commit: (request) =>
        store.commit({ ...request, data: request.data.subarray(0, store.facts.valueBytesMax) }),
    }),
  },
  'answers without the misses': {
    fails: 'read answers in the order of the keys, misses included',
    instead: (store) => ({
      read: async (keys) => {
        const entries = await store.read(keys)
        return keys.length > 1 ? entries.filter((entry) => entry) : entries
      },
    }),
  },
  'reads at least one key': {
    fails: 'read of no keys answers nothing',
    instead: (store) => ({
      read: async (keys) => (keys.length > 0 ? store.read(keys) : [undefined]),
    }),
  },
  'counts keys instead of entries': {
    fails: 'remove counts the entries that were there',
    instead: (store) => ({
      async remove(keys) {
        await store.remove(keys)
        return keys.length
      },
    }),
  },
  'removes the first key only': {
    fails: 'remove counts the entries that were there',
    instead: (store) => ({ remove: (keys) => store.remove(keys.slice(0, 1)) }),
  },
  'cannot remove no keys': {
    fails: 'remove of no keys removes nothing',
    instead: (store) => ({
      async remove(keys) {
        if (keys.length === 0) throw new Error('wrong number of arguments')
        return store.remove(keys)
      },
    }),
  },
  'removes all that it has': {
    fails: 'remove leaves other entries alone',
    instead(store) {
      const keys = new Set<string>()
      return {
        write(request) {
          keys.add(request.key)
          return store.write(request)
        },
        async remove(some) {
          const count = await store.remove(some)
          await store.remove([...keys])
          return count
        },
      }
    },
  },
  'never ends an entry': {
    fails: 'a written entry ends by itself',
    instead: (store) => ({ write: (request) => store.write({ ...request, ttlMs: LONG_MS }) }),
  },
  'reads expired entries': {
    fails: 'a written entry ends by itself',
    instead: (store) => ({
      read: async (keys) =>
        keys.map((key) => {
          const { entry } = store.stateOf(key)
          return entry && { version: entry.version, data: entry.data }
        }),
    }),
  },
  'rounds a TTL down to whole tenths, and takes none for endless': {
    fails: 'the shortest entry ends by itself, too',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, ttlMs: Math.floor(request.ttlMs / 100) * 100 || LONG_MS }),
    }),
  },
  'commits for ever': {
    fails: 'a committed entry ends by itself',
    instead: (store) => ({ commit: (request) => store.commit({ ...request, ttlMs: LONG_MS }) }),
  },
  'ends an entry early': {
    fails: 'an entry lasts for its TTL',
    instead: (store) => ({
      write: (request) => store.write({ ...request, ttlMs: Math.ceil(request.ttlMs / 4) }),
    }),
  },
  'takes more than 30 days for a date': {
    fails: 'an entry may last for a year',
    instead: (store) => ({
      write: ({ ttlMs, ...request }) =>
        store.write({ ...request, ttlMs: ttlMs > 30 * 86_400_000 ? -1 : ttlMs }),
    }),
  },
  'keeps the old TTL of an entry': {
    fails: 'a write re-sets the TTL',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, ttlMs: leftOf(store, request.key) ?? request.ttlMs }),
    }),
  },
  'only prolongs an entry': {
    fails: 'a write sets a shorter TTL, too',
    instead: (store) => ({
      write(request) {
        const ttlMs = Math.max(request.ttlMs, leftOf(store, request.key) ?? 0)
        return store.write({ ...request, ttlMs })
      },
    }),
  },
  'counts ended entries': {
    fails: 'an ended entry is not counted by remove',
    instead: (store) => ({
      async remove(keys) {
        const there = keys.filter((key) => store.stateOf(key).entry)
        await store.remove(keys)
        return there.length
      },
    }),
  },
}

async function readAs(
  store: StepCacheStore,
  keys: readonly string[],
  change: (entry: StoredEntry | undefined) => StoredEntry | undefined,
) {
  return (await store.read(keys)).map(change)
}

/** Time left for an entry that is there. */
function leftOf(store: StepCacheStore, key: string): number | undefined {
  const leftMs = (store.stateOf(key).entry?.untilMs ?? 0) - nowMs()
  return leftMs > 0 ? leftMs : undefined
}

function renamed(store: StepCacheStore, rename: (key: string) => string): Partial<StepCacheStore> {
  return {
    read: (keys) => store.read(keys.map(rename)),
    write: (request) => store.write({ ...request, key: rename(request.key) }),
    lease: (request) => store.lease({ ...request, key: rename(request.key) }),
    commit: (request) => store.commit({ ...request, key: rename(request.key) }),
    remove: (keys) => store.remove(keys.map(rename)),
  }
}
