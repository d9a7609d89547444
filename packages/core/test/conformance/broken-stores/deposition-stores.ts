import type { GrantListener } from '../../../src/index.ts'
import type { LeaseHolder } from '../../../src/spec/index.ts'
import type { StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { keepingHolders } from './keeping-holders.ts'

/** Lease stores with one mistake each in what a theft means to others. */
export const brokenDepositionStores: BrokenStores<StepLeaseStore> = {
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
