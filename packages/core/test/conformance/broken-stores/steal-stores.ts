import { setImmediate as turn } from 'node:timers/promises'
import type { AcquireReply, GrantListener, StealRequest } from '../../../src/index.ts'
import type { LeaseHolder } from '../../../src/spec/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Lease stores with one mistake each in how a lease is stolen. */
export const brokenStealStores: BrokenStores<StepLeaseStore> = {
  'steals only what somebody has': {
    fails: 'a free name can be stolen',
    instead: (store) => ({
      steal: async (request) =>
        store.stateOf(request.key).holders.size > 0
          ? store.steal(request)
          : { state: 'late', storeNowMs: nowMs() },
    }),
  },
  'leaves the old holder its lease': {
    fails: 'a thief has the lease, and its old holder nothing',
    instead: (store) => ({
      steal: (request) => keepingHolders(store, request, (holders) => holders),
    }),
  },
  'gives the thief the fence of who held before': {
    fails: 'the fence grows with each theft',
    instead: (store) => ({
      async steal(request) {
        const [before] = store.stateOf(request.key).holders.values()
        const reply = await store.steal(request)
        return before ? withFence(store, request, reply, before.fence) : reply
      },
    }),
  },
  'takes back the fence of a theft': {
    fails: 'whoever holds the lease after a theft has a greater fence',
    instead: (store) => ({
      async steal(request) {
        const reply = await store.steal(request)
        return withFence(store, request, reply, 2 ** 52)
      },
    }),
  },
  'steals from the thief itself': {
    fails: 'a repeated steal re-sets the TTL and keeps the fence',
    instead: (store) => ({
      steal(request) {
        store.stateOf(request.key).holders.delete(request.token)
        return store.steal(request)
      },
    }),
  },
  'keeps the end of a theft that is repeated': {
    fails: 'a repeated steal re-sets the TTL and keeps the fence',
    instead: (store) => ({
      async steal(request) {
        const mine = store.stateOf(request.key).holders.get(request.token)
        const untilMs = mine?.untilMs
        const reply = await store.steal(request)
        if (mine && untilMs !== undefined) mine.untilMs = untilMs
        return reply
      },
    }),
  },
  'steals for ever': {
    fails: 'a stolen lease ends by itself',
    instead: (store) => ({
      async steal(request) {
        const reply = await store.steal({ ...request, ttlMs: 2 ** 31 - 1 })
        return reply.state === 'granted' ? { ...reply, remainingMs: request.ttlMs } : reply
      },
    }),
  },
  'steals late': {
    fails: 'a late steal changes nothing',
    instead: (store) => ({
      async steal(request) {
        const { notAfterMs: _, ...inTime } = request
        const reply = await store.steal(request)
        if (reply.state === 'late') await store.steal(inTime)
        return reply
      },
    }),
  },
  'takes each theft in time for a late one': {
    fails: 'a steal in time is carried out',
    instead: (store) => ({
      steal: ({ notAfterMs, ...request }) =>
        store.steal({ ...request, ...(notAfterMs && { notAfterMs: 0 }) }),
    }),
  },
  'frees and takes in two steps': {
    fails: 'of many thieves one has the lease, the one with the greatest fence',
    instead: (store) => ({
      async steal(request) {
        store.stateOf(request.key).holders.clear()
        await turn()
        return store.acquire(request)
      },
    }),
  },
  'tells nobody of a theft': {
    fails: 'a holder that said where is told of the theft, once',
    instead: (store) => listening(store, () => () => {}),
  },
  'tells of a theft by a smaller fence': {
    fails: 'a holder that said where is told of the theft, once',
    instead: (store) =>
      listening(store, (tell) => (loss) => tell({ ...loss, thiefFence: loss.thiefFence - 1 })),
  },
  'tells of each repeat of a theft': {
    fails: 'a holder that said where is told of the theft, once',
    instead(store) {
      const deposed = new Map<string, readonly [string, LeaseHolder][]>()
      return {
        async steal(request) {
          const { holders } = store.stateOf(request.key)
          const before = deposed.get(request.token) ?? [...holders]
          deposed.set(request.token, before)
          const isRepeat = holders.has(request.token)
          const reply = await store.steal(request)
          if (isRepeat) tell(store, request.key, before)
          return reply
        },
      }
    },
  },
  'forgets where its waiters are when they are granted': {
    fails: 'a waiter that was granted is told of the theft',
    instead: (store) => ({
      steal(request) {
        for (const [token, { subscriber, ...rest }] of store.stateOf(request.key).holders) {
          if (subscriber) store.stateOf(request.key).holders.set(token, rest)
        }
        return store.steal(request)
      },
    }),
  },
  'forgets where a thief is': {
    fails: 'a thief is told of the next theft',
    instead: (store) => ({ steal: ({ subscriber: _, ...request }) => store.steal(request) }),
  },
  'forgets at an extend where the holder is': {
    fails: 'who extends is told all the same, who has handed over is not',
    instead: (store) => ({
      async extend(request) {
        const reply = await store.extend(request)
        const { holders } = store.stateOf(request.key)
        const { subscriber: _, ...rest } = holders.get(request.token) ?? {}
        if (holders.has(request.token)) holders.set(request.token, rest as LeaseHolder)
        return reply
      },
    }),
  },
  'tells who was there once': {
    fails: 'who has released is told nothing',
    instead(store) {
      const gone = new Map<string, [string, LeaseHolder][]>()
      return {
        release(request) {
          const { holders } = store.stateOf(request.key)
          gone.set(request.key, [...holders])
          return store.release(request)
        },
        async steal(request) {
          const reply = await store.steal(request)
          tell(store, request.key, gone.get(request.key) ?? [])
          return reply
        },
      }
    },
  },
  'sends away who waits': {
    fails: 'who waits keeps its place, and comes after the thief',
    instead: (store) => ({
      steal(request) {
        store.stateOf(request.key).queue.clear()
        return store.steal(request)
      },
    }),
  },
  'deposes one of several': {
    fails: 'a thief deposes all who share a name, and has all of it',
    instead: (store) => ({
      steal: (request) => keepingHolders(store, request, (holders) => holders.slice(1)),
    }),
  },
  'takes one unit for a thief': {
    fails: 'a thief deposes all who share a name, and has all of it',
    instead: (store) => ({
      async steal(request) {
        const reply = await store.steal(request)
        const { holders } = store.stateOf(request.key)
        const mine = holders.get(request.token)
        if (mine) holders.set(request.token, { ...mine, units: 1 })
        return reply
      },
    }),
  },
  'steals whatever the capacity': {
    fails: 'a thief of another capacity is a mismatch, and changes nothing',
    instead: (store) => ({
      steal(request) {
        store.stateOf(request.key).capacity = request.capacity ?? 1
        return store.steal(request)
      },
    }),
  },
}

/** Some of the deposed stay, beside the thief. */
async function keepingHolders(
  store: StepLeaseStore,
  request: StealRequest,
  which: (holders: [string, LeaseHolder][]) => [string, LeaseHolder][],
): Promise<AcquireReply> {
  const { holders } = store.stateOf(request.key)
  const kept = which([...holders])
  const reply = await store.steal(request)
  for (const [token, holder] of kept) holders.set(token, holder)
  return reply
}

function withFence(
  store: StepLeaseStore,
  { key, token }: StealRequest,
  reply: AcquireReply,
  fence: number,
): AcquireReply {
  const { holders } = store.stateOf(key)
  const mine = holders.get(token)
  if (mine) holders.set(token, { ...mine, fence })
  return reply.state === 'granted' ? { ...reply, fence } : reply
}

function tell(
  store: StepLeaseStore,
  key: string,
  deposed: readonly (readonly [string, LeaseHolder])[],
): void {
  for (const [token, { subscriber = '' }] of deposed) {
    store.listeners.get(subscriber)?.stolen({ key, token, thiefFence: store.stateOf(key).fence })
  }
}

const listening = (
  store: StepLeaseStore,
  instead: (tell: GrantListener['stolen']) => GrantListener['stolen'],
): Pick<StepLeaseStore, 'onGrant'> => ({
  onGrant(subscriber, listener) {
    return store.onGrant(subscriber, { ...listener, stolen: instead(listener.stolen) })
  },
})
