import type { AcquireRequest, PushedGrant } from '../../../src/index.ts'
import type { LeaseState } from '../../../src/spec/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

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

type Commands = Pick<StepLeaseStore, 'acquire' | 'release' | 'leave'>

/** Carries out a command as if nobody waited. */
async function withoutQueue<Name extends keyof Commands>(
  store: StepLeaseStore,
  key: string,
  name: Name,
  request: Parameters<Commands[Name]>[0],
): Promise<Awaited<ReturnType<Commands[Name]>>> {
  const { queue } = store.stateOf(key)
  const places = [...queue]
  if (name === 'leave') queue.delete(request.token)
  else queue.clear()
  const waiting = name === 'leave' ? [...queue] : places
  queue.clear()
  const reply = await (store[name] as (given: typeof request) => Promise<never>)(request)
  for (const [token, place] of waiting) queue.set(token, place)
  return reply
}

/** All pushes go through `push`. */
function pushing(
  store: StepLeaseStore,
  push: (tell: (grant: PushedGrant) => void, grant: PushedGrant) => void,
): Pick<StepLeaseStore, 'onGrant'> {
  const tellOnce = new Set<string>()
  return {
    onGrant(subscriber, listener) {
      const tell = (grant: PushedGrant) => listener.granted(grant)
      return store.onGrant(subscriber, {
        ...listener,
        granted(grant) {
          // A push to others comes back here.
          if (tellOnce.has(grant.token)) return tell(grant)
          tellOnce.add(grant.token)
          push(tell, grant)
        },
      })
    },
  }
}

function pushTo(store: StepLeaseStore, { key, token, waiter }: AcquireRequest): void {
  const times = { enqueuedAtMs: nowMs(), grantedAtMs: nowMs() }
  const { subscriber = '', grantMs = 0 } = waiter ?? {}
  store.push(subscriber, { key, token, fence: 1, remainingMs: grantMs, ...times })
}

function withGrantMs(request: AcquireRequest, grantMs: number): AcquireRequest {
  if (!request.waiter) return request
  return { ...request, waiter: { ...request.waiter, grantMs } }
}

type Places = [string, LeaseState['queue'] extends Map<string, infer Place> ? Place : never][]

function reorder({ queue }: LeaseState, order: (places: Places) => Places): void {
  const places = order([...queue])
  queue.clear()
  for (const [token, place] of places) queue.set(token, place)
}
