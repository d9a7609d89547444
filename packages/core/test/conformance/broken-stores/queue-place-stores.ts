import type { StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { pushing, pushTo, reorder, withoutQueue } from './queue-mistakes.ts'

/** Lease stores with one mistake each in who stands in the queue, and until when. */
export const brokenPlaceStores: BrokenStores<StepLeaseStore> = {
  'queues those who do not wait, too': {
    fails: 'who does not wait is not queued',
    instead: (store) => ({
      acquire(request) {
        const [subscriber] = store.listeners.keys()
        const waiter = subscriber && { waiter: { subscriber, grantMs: request.ttlMs } }
        return store.acquire({ ...waiter, ...request })
      },
    }),
  },
  'queues late waiters': {
    fails: 'a late waiter is not queued',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'late' && request.waiter) {
          const { notAfterMs: _, ...inTime } = request
          await store.acquire(inTime)
        }
        return reply
      },
    }),
  },
  'lets whoever asks first have an ended lease': {
    fails: 'an ended lease goes to the first waiter when a stranger asks',
    instead: (store) => ({
      acquire: (request) =>
        request.waiter
          ? store.acquire(request)
          : withoutQueue(store, request.key, 'acquire', request),
    }),
  },
  'lets any waiter have an ended lease': {
    fails: 'an ended lease goes to the first waiter when a later one asks',
    instead: (store) => ({
      acquire(request) {
        reorder(store.stateOf(request.key), (queue) =>
          queue.sort(([a], [b]) => Number(b === request.token) - Number(a === request.token)),
        )
        return store.acquire(request)
      },
    }),
  },
  'serves nobody at a release by who has nothing': {
    fails: 'an ended lease goes to the first waiter when its old holder releases',
    instead: (store) => ({
      async release(request) {
        const { holders } = await store.inspect(request.key)
        const isHolder = holders.some(({ token }) => token === request.token)
        if (isHolder) return store.release(request)
        return withoutQueue(store, request.key, 'release', request)
      },
    }),
  },
  'tells the first waiter twice when it asks at the end of a lease': {
    fails: 'the first waiter that asks when the lease has ended is told by the reply alone',
    instead: (store) => ({
      async acquire(request) {
        const { queue } = store.stateOf(request.key)
        const waited = queue.has(request.token)
        const reply = await store.acquire(request)
        if (waited && reply.state === 'granted') pushTo(store, request)
        return reply
      },
    }),
  },
  'says left, and keeps the place': {
    fails: 'who left is not granted, and the others keep their order',
    instead: () => ({ leave: async () => ({ state: 'left' }) }),
  },
  'says left as often as it is asked': {
    fails: 'a place is left once',
    instead: (store) => ({
      async leave(request) {
        const reply = await store.leave(request)
        return reply.state === 'absent' ? { state: 'left' } : reply
      },
    }),
  },
  'remembers the place of who left': {
    fails: 'who left and comes back stands at the end',
    instead(store) {
      const left = new Set<string>()
      return {
        leave(request) {
          left.add(request.token)
          return store.leave(request)
        },
        async acquire(request) {
          const reply = await store.acquire(request)
          if (left.has(request.token)) {
            reorder(store.stateOf(request.key), (queue) => [
              ...queue.slice(-1),
              ...queue.slice(0, -1),
            ])
          }
          return reply
        },
      }
    },
  },
  'keeps the lease of who leaves after its grant': {
    fails: 'leaving after the grant frees the name',
    instead: (store) => ({
      async leave(request) {
        if (!store.stateOf(request.key).holders.has(request.token)) return store.leave(request)
        return { state: 'released' }
      },
    }),
  },
  'frees the lease of who leaves for nobody': {
    fails: 'leaving after the grant serves the next',
    instead: (store) => ({
      leave: (request) => withoutQueue(store, request.key, 'leave', request),
    }),
  },
  'empties the queue for a token without a place': {
    fails: 'a token without a place leaves nothing',
    instead: (store) => ({
      async leave(request) {
        const reply = await store.leave(request)
        if (reply.state === 'absent') store.stateOf(request.key).queue.clear()
        return reply
      },
    }),
  },
  'tells all subscribers of every grant': {
    fails: 'each subscriber is told of its own waiters',
    instead: (store) =>
      pushing(store, (_, grant) => {
        for (const id of store.listeners.keys()) store.push(id, grant)
      }),
  },
  'takes a subscriber that is gone for one that listens': {
    fails: 'a waiter whose subscriber is gone is skipped',
    instead: (store) => ({
      onGrant: (subscriber, listener) => ({
        ...store.onGrant(subscriber, listener),
        close: async () => {},
      }),
    }),
  },
  'ends the queue with one subscriber': {
    fails: 'a subscription to grants may be closed twice',
    instead: (store) => ({
      onGrant: (subscriber, listener) => ({
        ...store.onGrant(subscriber, listener),
        close: async () => store.listeners.clear(),
      }),
    }),
  },
  'fails when a subscription is closed again': {
    fails: 'a subscription to grants may be closed twice',
    instead: (store) => ({
      onGrant: (subscriber, listener) => ({
        ready: Promise.resolve(store.onGrant(subscriber, listener)).then(() => {}),
        async close() {
          if (!store.listeners.delete(subscriber)) throw new Error('already closed')
        },
      }),
    }),
  },
}
