import type { AcquireRequest } from '../../../src/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

const TTL_MAX_MS = 2 ** 31 - 1

/** Lease stores with one mistake each: when leases end, what is late, what a name is. */
export const brokenLeaseStores: BrokenStores<StepLeaseStore> = {
  'never ends a lease': {
    fails: 'a lease ends by itself',
    instead: (store) => ({
      acquire: (request) => acquireFor(store, request, TTL_MAX_MS),
    }),
  },
  'rounds a TTL down to whole tenths, and takes none for endless': {
    fails: 'the shortest lease ends by itself, too',
    instead: (store) => ({
      acquire(request) {
        const ttlMs = Math.floor(request.ttlMs / 100) * 100 || TTL_MAX_MS
        return acquireFor(store, request, ttlMs)
      },
    }),
  },
  'ends a lease early': {
    fails: 'a lease lasts for its TTL',
    instead: (store) => ({
      acquire: (request) => acquireFor(store, request, Math.ceil(request.ttlMs / 4)),
    }),
  },
  'lets a long TTL overflow': {
    fails: 'the longest lease does not end at once',
    instead: (store) => ({
      acquire: (request) => acquireFor(store, request, (request.ttlMs + 1000) | 0),
    }),
  },
  'carries out a late acquire': {
    fails: 'a late acquire takes nothing',
    instead: (store) => ({ acquire: ({ notAfterMs: _, ...request }) => store.acquire(request) }),
  },
  'prolongs by a late acquire': {
    fails: 'a late acquire by the holder does not re-set the TTL',
    instead: (store) => ({
      async acquire(request) {
        const { holders } = store.stateOf(request.key)
        // Before the command, which drops it if it has ended on a slow machine.
        const before = holders.get(request.token)
        const reply = await store.acquire(request)
        if (reply.state === 'late' && before) {
          holders.set(request.token, { ...before, untilMs: nowMs() + request.ttlMs })
        }
        return reply
      },
    }),
  },
  'carries out a late extend': {
    fails: 'a late extend does not move the end',
    instead: (store) => ({
      async extend({ notAfterMs, ...request }) {
        const reply = await store.extend({ ...request, ...(notAfterMs && { notAfterMs }) })
        return reply.state === 'late' ? store.extend(request) : reply
      },
    }),
  },
  'ends the lease of a late command': {
    fails: 'a late command costs the holder nothing',
    instead: (store) => ({
      async extend(request) {
        const reply = await store.extend(request)
        if (reply.state === 'late') await store.release(request)
        return reply
      },
    }),
  },
  'takes every limit in time for one that has passed': {
    fails: 'a command in time is carried out',
    instead: (store) => ({
      extend: ({ notAfterMs, ...request }) =>
        store.extend({ ...request, ...(notAfterMs && { notAfterMs: 0 }) }),
    }),
  },
  'folds the case of names': {
    fails: 'similar and long names do not block one another',
    instead: (store) => renamed(store, (key) => key.toLowerCase()),
  },
  'cuts long names': {
    fails: 'similar and long names do not block one another',
    instead: (store) => renamed(store, (key) => key.slice(0, 200)),
  },
  'frees a name and all that begin like it': {
    fails: 'the release of a name frees no other',
    instead(store) {
      const keys = new Set<string>()
      return {
        acquire(request) {
          keys.add(request.key)
          return store.acquire(request)
        },
        async release(request) {
          const reply = await store.release(request)
          const start = request.key.slice(0, -1)
          for (const key of keys) if (key.startsWith(start)) store.stateOf(key).holders.clear()
          return reply
        },
      }
    },
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

/** Sets another TTL than it says. */
async function acquireFor(store: StepLeaseStore, request: AcquireRequest, ttlMs: number) {
  const reply = await store.acquire({ ...request, ttlMs })
  return reply.state === 'granted' ? { ...reply, remainingMs: request.ttlMs } : reply
}

function renamed(store: StepLeaseStore, rename: (key: string) => string): Partial<StepLeaseStore> {
  return {
    acquire: (request) => store.acquire({ ...request, key: rename(request.key) }),
    extend: (request) => store.extend({ ...request, key: rename(request.key) }),
    release: (request) => store.release({ ...request, key: rename(request.key) }),
    inspect: (key) => store.inspect(rename(key)),
  }
}
