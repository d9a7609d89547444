import { setImmediate as turn } from 'node:timers/promises'
import { nowMs, type StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'
import { loaderOf, put } from './cache-mistakes.ts'

/** Cache stores with one mistake each: what is late, in two steps, or closed. */
export const brokenCacheStores: BrokenStores<StepCacheStore> = {
  'carries out a late write': {
    fails: 'a late write changes nothing',
    instead: (store) => ({
      async write({ notAfterMs, ...request }) {
        const reply = await store.write({ ...request, ...(notAfterMs && { notAfterMs }) })
        if (reply.state === 'late') await store.write(request)
        return reply
      },
    }),
  },
  'drops the lease at a late write': {
    fails: 'a late write changes nothing',
    instead: (store) => ({
      async write(request) {
        const reply = await store.write(request)
        if (reply.state === 'late') delete store.stateOf(request.key).lease
        return reply
      },
    }),
  },
  'elects the late': {
    fails: 'a late lease elects nobody',
    instead: (store) => ({
      async lease(request) {
        const { notAfterMs: _, ...intime } = request
        const reply = await store.lease(request)
        if (reply.state === 'late') await store.lease(intime)
        return reply
      },
    }),
  },
  'prolongs by a late lease': {
    fails: 'a late lease does not re-set its own end',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state === 'late') await store.renew(request.key, request.token, request.leaseMs)
        return reply
      },
    }),
  },
  'takes every limit in time for one that has passed': {
    fails: 'a command in time is carried out',
    instead: (store) => ({
      write: ({ notAfterMs, ...request }) =>
        store.write({ ...request, ...(notAfterMs && { notAfterMs: 0 }) }),
    }),
  },
  'looks and elects in two steps': {
    fails: 'one of 50 rivals is elected',
    instead: (store) => ({
      async lease(request) {
        const holder = loaderOf(store, request.key)
        await turn()
        if (holder === undefined) delete store.stateOf(request.key).lease
        return store.lease(request)
      },
    }),
  },
  'drops an ended lease in a step of its own': {
    fails: 'one of 50 rivals is elected when a lease has ended',
    instead: (store) => ({
      async lease(request) {
        const { lease } = store.stateOf(request.key)
        if (lease && lease.untilMs <= nowMs()) {
          await turn()
          delete store.stateOf(request.key).lease
        }
        return store.lease(request)
      },
    }),
  },
  'compares and commits in two steps': {
    fails: 'no load lands on a newer write or remove, in 100 random orders',
    instead: (store) => ({
      async commit(request) {
        const mine = loaderOf(store, request.key) === request.token
        await turn()
        return mine && put(store, request)
      },
    }),
  },
  'fails when it is closed again': {
    fails: 'a store may be closed twice',
    instead() {
      let closed = false
      return {
        async close() {
          if (closed) throw new Error('already closed')
          closed = true
        },
      }
    },
  },
}
