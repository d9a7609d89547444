import { setImmediate as turn } from 'node:timers/promises'
import type { AcquireReply, StealRequest } from '../../../src/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { keepingHolders } from './keeping-holders.ts'

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
