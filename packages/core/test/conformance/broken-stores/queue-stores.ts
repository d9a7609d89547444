import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { pushing, pushTo, reorder, withGrantMs } from './queue-mistakes.ts'

const TTL_MAX_MS = 2 ** 31 - 1

/** Lease stores with one mistake each in what level 2 adds: the queue and its pushes. */
export const brokenQueueStores: BrokenStores<StepLeaseStore> = {
  'queues nobody': {
    fails: 'a release grants the first waiter, and tells it once',
    instead: (store) => ({ acquire: ({ waiter: _, ...request }) => store.acquire(request) }),
  },
  'tells a waiter of a grant when it is queued': {
    fails: 'a waiter is queued, and answered held',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'held') pushTo(store, request)
        return reply
      },
    }),
  },
  'tells a waiter by a push what the reply told': {
    fails: 'a waiter gets a free name by the reply alone',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'granted') pushTo(store, request)
        return reply
      },
    }),
  },
  'grants a waiter what a push would have given it': {
    fails: 'a waiter gets a free name by the reply alone',
    instead: (store) => ({
      acquire: (request) =>
        store.acquire({ ...request, ttlMs: request.waiter?.grantMs ?? request.ttlMs }),
    }),
  },
  'tells of each grant twice': {
    fails: 'a release grants the first waiter, and tells it once',
    instead: (store) => pushing(store, (tell, grant) => [grant, grant].forEach(tell)),
  },
  'tells of the grant of another name': {
    fails: 'a release grants the first waiter, and tells it once',
    instead: (store) =>
      pushing(store, (tell, grant) => tell({ ...grant, key: grant.key.toUpperCase() })),
  },
  'serves the last to come first': {
    fails: 'waiters are served in order of arrival',
    instead: (store) => ({
      release(request) {
        reorder(store.stateOf(request.key), (queue) => queue.reverse())
        return store.release(request)
      },
    }),
  },
  'does not say whether it knew who asks': {
    fails: 'who asks is told whether it had its place, or the lease',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        return reply.state === 'held' ? { ...reply, kept: false } : reply
      },
    }),
  },
  'takes whoever asks again for a newcomer': {
    fails: 'a waiter that asks again keeps its place',
    instead: (store) => ({
      acquire(request) {
        store.stateOf(request.key).queue.delete(request.token)
        return store.acquire(request)
      },
    }),
  },
  'keeps the short TTL of a push when its holder asks again': {
    fails: 'a waiter that asks again after its grant is granted again',
    instead: (store) => ({
      async acquire(request) {
        const { holders } = store.stateOf(request.key)
        const ttlMs = request.waiter && holders.has(request.token) && 1000
        return store.acquire({ ...request, ttlMs: ttlMs || request.ttlMs })
      },
    }),
  },
  'grants a waiter more than it asked for': {
    fails: 'a pushed grant lasts as long as its waiter said',
    instead: (store) => ({
      acquire: (request) => store.acquire(withGrantMs(request, TTL_MAX_MS)),
    }),
  },
  'never ends a pushed grant': {
    fails: 'a pushed grant lasts as long as its waiter said',
    instead: (store) =>
      pushing(store, (tell, grant) => {
        const holder = store.stateOf(grant.key).holders.get(grant.token)
        if (holder) holder.untilMs = TTL_MAX_MS * 1000
        tell(grant)
      }),
  },
  'pushes the fence of the last holder': {
    fails: 'a pushed grant has a fence of its own',
    instead(store) {
      let last = 0
      return {
        async acquire(request) {
          const reply = await store.acquire(request)
          if (reply.state === 'granted') last = reply.fence ?? 0
          return reply
        },
        ...pushing(store, (tell, grant) => tell({ ...grant, fence: last })),
      }
    },
  },
  'pushes another fence than it keeps': {
    fails: 'a pushed grant has a fence of its own',
    instead: (store) => pushing(store, (tell, grant) => tell({ ...grant, fence: grant.fence + 1 })),
  },
  'tells the time of the grant for that of the enqueue': {
    fails: 'a pushed grant tells the store’s times of the first enqueue and of the grant',
    instead: (store) =>
      pushing(store, (tell, grant) => tell({ ...grant, enqueuedAtMs: grant.grantedAtMs })),
  },
  'tells the time of the enqueue for that of the grant': {
    fails: 'a pushed grant tells the store’s times of the first enqueue and of the grant',
    instead: (store) =>
      pushing(store, (tell, grant) => tell({ ...grant, grantedAtMs: grant.enqueuedAtMs })),
  },
  'counts the wait from the last time that a waiter asked': {
    fails: 'a pushed grant tells the store’s times of the first enqueue and of the grant',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        const { queue } = store.stateOf(request.key)
        const place = queue.get(request.token)
        if (place) queue.set(request.token, { ...place, enqueuedAtMs: nowMs() })
        return reply
      },
    }),
  },
}
