import type { ListReply, ListRequest } from '../../../src/index.ts'
import type { StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Lease stores with one mistake each in what they list and count. */
export const brokenListStores: BrokenStores<StepLeaseStore> = {
  'lists nothing': {
    fails: 'what is held is listed, and nothing beside it',
    instead: () => ({ list: async () => ({ keys: [] }) }),
  },
  'lists what it keeps beside a lease': {
    fails: 'what is held is listed, and nothing beside it',
    instead: (store) => ({
      list: (request) =>
        listed(store, request, ({ keys }) => ({
          keys: keys.flatMap((key) =>
            store.stateOf(key).queue.size > 0 ? [key, `${key}:q`] : [key],
          ),
        })),
    }),
  },
  'lists names that were released': {
    fails: 'a name that was released is not listed',
    instead: (store) => rememberingKeys(store, () => true),
  },
  'lists names whose lease has ended': {
    fails: 'a name whose lease has ended is not listed',
    instead: (store) => rememberingKeys(store, (key) => store.stateOf(key).holders.size > 0),
  },
  'lists the names of all prefixes': {
    fails: 'a prefix lists its own names only',
    instead: (store) => ({ list: () => store.list({ prefix: '' }) }),
  },
  'takes a prefix for a pattern': {
    fails: 'a prefix is no pattern',
    instead: (store) => ({
      async list({ prefix }) {
        const [start = prefix, ...rest] = prefix.split(/[*?[%_]/)
        return rest.length > 0 ? store.list({ prefix: start }) : store.list({ prefix })
      },
    }),
  },
  'lists the first page only': {
    fails: 'many names are all listed, over all pages',
    instead: (store) => ({
      list: (request) => listed(store, request, ({ keys }) => ({ keys: keys.slice(0, 100) })),
    }),
  },
  'lists the first page again and again': {
    fails: 'many names are all listed, over all pages',
    instead: (store) => ({
      list: (request) =>
        listed(store, request, ({ keys }) => ({
          keys: keys.slice(0, 100),
          ...(keys.length > 100 && { cursor: '100' }),
        })),
    }),
  },
  'counts holders among those who wait': {
    fails: 'inspect counts who waits',
    instead: (store) => ({
      async inspect(key) {
        const reply = await store.inspect(key)
        return { ...reply, waiters: reply.waiters + reply.holders.length }
      },
    }),
  },
  'counts one who waits': {
    fails: 'inspect counts who waits',
    instead: (store) => ({
      async inspect(key) {
        const reply = await store.inspect(key)
        return { ...reply, waiters: Math.min(1, reply.waiters) }
      },
    }),
  },
  'counts somebody who waits for a free name': {
    fails: 'inspect shows nobody on a free name',
    instead: (store) => ({
      async inspect(key) {
        const reply = await store.inspect(key)
        return { ...reply, waiters: reply.holders.length === 0 ? 1 : reply.waiters }
      },
    }),
  },
}

const listed = async (
  store: StepLeaseStore,
  request: ListRequest,
  change: (reply: ListReply) => ListReply,
): Promise<ListReply> => change(await store.list(request))

/** Lists all keys that were ever acquired, if `isListed`. */
function rememberingKeys(
  store: StepLeaseStore,
  isListed: (key: string) => boolean,
): Partial<StepLeaseStore> {
  const keys = new Set<string>()
  return {
    acquire(request) {
      keys.add(request.key)
      return store.acquire(request)
    },
    list: async ({ prefix }) => ({
      keys: [...keys].filter((key) => key.startsWith(prefix) && isListed(key)),
    }),
  }
}
