import type { StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Cache stores with one mistake each in what they list. */
export const brokenEntryListStores: BrokenStores<StepCacheStore> = {
  'lists no entries': {
    fails: 'entries are listed, and nothing beside them',
    instead: () => ({ listEntries: async () => ({ keys: [] }) }),
  },
  'lists entries only': {
    fails: 'a key whose load is under way is listed, with an entry or without',
    instead: (store) => ({
      async listEntries(request) {
        const { keys } = await store.listEntries(request)
        return { keys: keys.filter((key) => store.stateOf(key).entry) }
      },
    }),
  },
  'lists the lease of a load by its own key': {
    fails: 'a key whose load is under way is listed, with an entry or without',
    instead: (store) => ({
      async listEntries(request) {
        const { keys } = await store.listEntries(request)
        return {
          keys: keys.flatMap((key) => (store.stateOf(key).lease ? [key, `${key}:l`] : [key])),
        }
      },
    }),
  },
  'lists entries that were removed': {
    fails: 'what was removed is not listed',
    instead: (store) => rememberingKeys(store, () => true),
  },
  'lists entries that have ended': {
    fails: 'what has ended is not listed',
    instead: (store) =>
      rememberingKeys(store, (key) => {
        const { entry, lease } = store.stateOf(key)
        return entry !== undefined || lease !== undefined
      }),
  },
  'lists the entries of all prefixes': {
    fails: 'a prefix lists its own entries only, and is no pattern',
    instead: (store) => ({ listEntries: () => store.listEntries({ prefix: 'list-' }) }),
  },
  'takes the prefix of entries for a pattern': {
    fails: 'a prefix lists its own entries only, and is no pattern',
    instead: (store) => ({
      async listEntries({ prefix }) {
        const [start = prefix, ...rest] = prefix.split(/[*?[%_]/)
        return rest.length > 0
          ? store.listEntries({ prefix: start })
          : store.listEntries({ prefix })
      },
    }),
  },
  'lists the first page of entries only': {
    fails: 'many entries are all listed, over all pages',
    instead: (store) => ({
      async listEntries(request) {
        const { keys } = await store.listEntries(request)
        return { keys: keys.slice(0, 100) }
      },
    }),
  },
}

/** Lists all keys that were ever written, if `isListed`. */
function rememberingKeys(
  store: StepCacheStore,
  isListed: (key: string) => boolean,
): Partial<StepCacheStore> {
  const keys = new Set<string>()
  return {
    write(request) {
      keys.add(request.key)
      return store.write(request)
    },
    listEntries: async ({ prefix }) => ({
      keys: [...keys].filter((key) => key.startsWith(prefix) && isListed(key)),
    }),
  }
}
