import type { AcquireRequest } from '../../../src/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Lease stores with one mistake each in how they share a name. */
export const brokenUnitStores: BrokenStores<StepLeaseStore> = {
  'takes every lease for exclusive': {
    fails: 'as many hold a name as its capacity says',
    instead: (store) => ({
      acquire: ({ units: _, capacity: __, ...request }) => store.acquire(request),
    }),
  },
  'lets in one more than the capacity': {
    fails: 'as many hold a name as its capacity says',
    instead: (store) => asking(store, ({ capacity = 1 }) => ({ capacity: capacity + 1 })),
  },
  'counts holders instead of units': {
    fails: 'whoever takes several units needs them all',
    instead: (store) => asking(store, () => ({ units: 1 })),
  },
  'forgets the units of a holder when another releases': {
    fails: 'a release makes room for its units only',
    instead: (store) => ({
      async release(request) {
        const reply = await store.release(request)
        const { holders } = store.stateOf(request.key)
        for (const [token, holder] of holders) holders.set(token, { ...holder, units: 1 })
        return reply
      },
    }),
  },
  'lets units overflow': {
    fails: 'a writer keeps out readers, and readers a writer',
    instead: (store) => asking(store, ({ units = 1 }) => ({ units: units | 0 })),
  },
  'adds the units of a repeated acquire': {
    fails: 'a repeated acquire takes no more units',
    instead: (store) => ({
      async acquire(request) {
        const { holders } = store.stateOf(request.key)
        const held = holders.get(request.token)
        if (held) holders.set(request.token, { ...held, units: held.units + 1 })
        return store.acquire(request)
      },
    }),
  },
  'takes the capacity of whoever asks': {
    fails: 'another capacity is a mismatch while the name is in use',
    instead: (store) => ({
      acquire(request) {
        store.stateOf(request.key).capacity = request.capacity ?? 1
        return store.acquire(request)
      },
    }),
  },
  'keeps the first capacity for ever': {
    fails: 'another capacity is a mismatch while the name is in use',
    instead(store) {
      const capacities = new Map<string, number>()
      return {
        async acquire(request) {
          const { key, capacity = 1 } = request
          const first = capacities.get(key) ?? capacity
          capacities.set(key, first)
          if (first !== capacity) return { state: 'mismatch', capacity: first }
          return store.acquire(request)
        },
      }
    },
  },
  'queues a waiter of another capacity': {
    fails: 'a waiter of another capacity is not queued',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        const { key, token, units = 1, waiter } = request
        if (reply.state === 'mismatch' && waiter) {
          store
            .stateOf(key)
            .queue.set(token, { ...waiter, units, fences: 1, enqueuedAtMs: nowMs() })
        }
        return reply
      },
    }),
  },
  'ends all leases with the first': {
    fails: 'each holder’s lease ends by itself, and its units are free',
    instead: (store) => ({
      inspect(key) {
        const { holders } = store.stateOf(key)
        if ([...holders.values()].some(({ untilMs }) => untilMs <= nowMs())) holders.clear()
        return store.inspect(key)
      },
    }),
  },
  'tells the last end of several': {
    fails: 'whoever is refused learns the first end of several',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state !== 'held') return reply
        const ends = [...store.stateOf(request.key).holders.values()].map((each) => each.untilMs)
        return { ...reply, remainingMs: Math.max(...ends) - nowMs() }
      },
    }),
  },
  'serves one waiter per release': {
    fails: 'a release grants all at the head that fit, and none behind',
    instead: (store) => ({
      async release(request) {
        const { queue } = store.stateOf(request.key)
        const [first, ...others] = queue
        queue.clear()
        if (first) queue.set(...first)
        const reply = await store.release(request)
        for (const [token, place] of others) queue.set(token, place)
        return reply
      },
    }),
  },
  'serves those who need least first': {
    fails: 'a release grants all at the head that fit, and none behind',
    instead: (store) => ({
      release(request) {
        smallestFirst(store, request.key)
        return store.release(request)
      },
    }),
  },
  'lets whoever fits pass the queue': {
    fails: 'whoever needs less does not overtake the queue',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state !== 'held') return reply
        smallestFirst(store, request.key)
        return store.acquire(request)
      },
    }),
  },
  'serves nobody when the head of the queue leaves': {
    fails: 'leaving the head of the queue serves those it kept waiting',
    instead: (store) => ({
      async leave(request) {
        const left = store.stateOf(request.key).queue.delete(request.token)
        return left ? { state: 'left' } : store.leave(request)
      },
    }),
  },
  'answers a holder that asks again without a look at the queue': {
    fails: 'units that ended go to the first waiter when a holder asks again',
    instead: (store) => ({
      async acquire(request) {
        const mine = store.stateOf(request.key).holders.get(request.token)
        if (!mine || mine.untilMs <= nowMs()) return store.acquire(request)
        mine.untilMs = nowMs() + request.ttlMs
        return { state: 'granted', remainingMs: request.ttlMs, fence: mine.fence }
      },
    }),
  },
}

/** Asks for something else. */
const asking = (
  store: StepLeaseStore,
  change: (request: AcquireRequest) => Partial<AcquireRequest>,
): Partial<StepLeaseStore> => ({
  acquire: (request) => store.acquire({ ...request, ...change(request) }),
})

function smallestFirst(store: StepLeaseStore, key: string): void {
  const { queue } = store.stateOf(key)
  const places = [...queue].sort(([, a], [, b]) => a.units - b.units)
  queue.clear()
  for (const [token, place] of places) queue.set(token, place)
}
