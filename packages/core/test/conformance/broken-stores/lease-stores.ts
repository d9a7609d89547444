import { setImmediate as turn } from 'node:timers/promises'
import type { AcquireRequest, ExtendRequest, Inspection } from '../../../src/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

const TTL_MAX_MS = 2 ** 31 - 1

/** Lease stores with one mistake each. */
export const brokenLeaseStores: BrokenStores<StepLeaseStore> = {
  'answers with the end of the lease instead of the time left': {
    fails: 'a grant says which TTL the store has set',
    instead: (store) => ({ acquire: (request) => granted(store, request, nowMs()) }),
  },
  'answers with no time left': {
    fails: 'a grant says which TTL the store has set',
    instead: (store) => ({ acquire: (request) => granted(store, request, -request.ttlMs) }),
  },
  'grants no name': {
    fails: 'a free name is granted',
    instead: () => ({ acquire: async () => ({ state: 'held', remainingMs: 1 }) }),
  },
  'excludes nobody': {
    fails: 'another token is refused',
    instead: (store) => ({
      acquire: (request) => store.acquire({ ...request, key: request.key + request.token }),
    }),
  },
  'lets every twentieth rival in': {
    fails: 'a counter that only the holder touches counts exactly',
    instead(store) {
      let calls = 0
      return {
        async acquire(request) {
          const reply = await store.acquire(request)
          if (reply.state !== 'held' || ++calls % 20 > 0) return reply
          return { state: 'granted', remainingMs: request.ttlMs, fence: calls }
        },
      }
    },
  },
  'tells the rival its own TTL': {
    fails: 'whoever is refused learns how long the lease may last',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        return reply.state === 'held' ? { ...reply, remainingMs: request.ttlMs } : reply
      },
    }),
  },
  'lets a refused acquire move the end': {
    fails: 'a refused acquire does not prolong the lease',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'held') moveEnd(store, request)
        return reply
      },
    }),
  },
  'lets a refused acquire cut the lease': {
    fails: 'a refused acquire does not shorten the lease',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'held' && request.ttlMs < reply.remainingMs) moveEnd(store, request)
        return reply
      },
    }),
  },
  'lets a refused acquire take over': {
    fails: 'a refused acquire leaves the holder its lease',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        const { holders } = store.stateOf(request.key)
        const [holder] = holders.values()
        if (reply.state !== 'held' || !holder) return reply
        holders.clear()
        holders.set(request.token, holder)
        return reply
      },
    }),
  },
  'checks and sets in two steps': {
    fails: 'one of 50 rivals gets a free name',
    instead: (store) => ({
      async acquire(request) {
        const { holders } = await store.inspect(request.key)
        await turn()
        if (holders.length === 0) store.stateOf(request.key).holders.clear()
        return store.acquire(request)
      },
    }),
  },
  'drops an ended lease in a step of its own': {
    fails: 'one of 50 rivals gets a name whose lease has ended',
    instead: (store) => ({
      async acquire(request) {
        const { holders } = store.stateOf(request.key)
        const [holder] = holders.values()
        if (holder && holder.untilMs <= nowMs()) {
          await turn()
          holders.clear()
        }
        return store.acquire(request)
      },
    }),
  },
  'frees a name before the release is done': {
    fails: 'one rival at most gets a name that is being released',
    instead(store) {
      const leaving = new Set<string>()
      return {
        async acquire(request) {
          if (!leaving.has(request.key)) return store.acquire(request)
          return { state: 'granted', remainingMs: request.ttlMs, fence: 1 }
        },
        async release(request) {
          leaving.add(request.key)
          await turn()
          leaving.delete(request.key)
          return store.release(request)
        },
      }
    },
  },
  'refuses the holder that asks again': {
    fails: 'a repeated acquire by the holder is granted again',
    instead: (store) => ({
      async acquire(request) {
        const [held] = (await store.inspect(request.key)).holders
        if (held) return { state: 'held', remainingMs: held.remainingMs }
        return store.acquire(request)
      },
    }),
  },
  'keeps the old TTL when the holder asks again': {
    fails: 'a repeated acquire re-sets the TTL',
    instead: (store) => ({ acquire: repeatedBy(store, () => {}) }),
  },
  'only prolongs when the holder asks again': {
    fails: 'a repeated acquire sets a shorter TTL, too',
    instead: (store) => ({
      acquire: repeatedBy(store, (request) => prolong(store, request)),
    }),
  },
  'counts how often the holder asked': {
    fails: 'a repeated acquire is undone by one release',
    instead(store) {
      const counts = new Map<string, number>()
      const count = (token: string, by: number) => {
        const now = (counts.get(token) ?? 0) + by
        counts.set(token, now)
        return now
      }
      return {
        acquire(request) {
          count(request.token, 1)
          return store.acquire(request)
        },
        async release(request) {
          if (count(request.token, -1) > 0) return { state: 'released' }
          return store.release(request)
        },
      }
    },
  },
  'extends nothing': {
    fails: 'the holder moves the end of its lease',
    instead: (store) => ({
      extend: ({ ttlMs, ...request }) =>
        store
          .extend({ ...request, ttlMs, notAfterMs: 0 })
          .then((reply) =>
            reply.state === 'late' ? { state: 'extended', remainingMs: ttlMs } : reply,
          ),
    }),
  },
  'only prolongs': {
    fails: 'an extend sets a shorter TTL, too',
    instead: (store) => ({
      async extend(request) {
        const left = (await store.inspect(request.key)).holders[0]?.remainingMs ?? 0
        return store.extend({ ...request, ttlMs: Math.max(left, request.ttlMs) })
      },
    }),
  },
  'answers an extend with the old time left': {
    fails: 'an extend says which TTL the store has set',
    instead: (store) => ({
      async extend(request) {
        const left = (await store.inspect(request.key)).holders[0]?.remainingMs ?? 0
        const reply = await store.extend(request)
        return reply.state === 'extended' ? { ...reply, remainingMs: left } : reply
      },
    }),
  },
  'extends for any token': {
    fails: 'another token cannot extend',
    instead: (store) => ({
      extend: async (request) =>
        store.extend({ ...request, token: await holderOf(store, request) }),
    }),
  },
  'prolongs before it compares': {
    fails: 'an extend by another token does not prolong the lease',
    instead: (store) => ({
      extend(request) {
        prolong(store, request)
        return store.extend(request)
      },
    }),
  },
  'moves the end before it compares': {
    fails: 'an extend by another token does not shorten the lease',
    instead: (store) => ({
      extend(request) {
        moveEnd(store, request)
        return store.extend(request)
      },
    }),
  },
  'takes a free name by extend': {
    fails: 'a free name cannot be extended, and stays free',
    instead: (store) => ({ extend: (request) => extendOrTake(store, request) }),
  },
  'extends after a release': {
    fails: 'a released holder cannot extend',
    instead(store) {
      const released = new Set<string>()
      return {
        release(request) {
          released.add(request.token)
          return store.release(request)
        },
        extend: (request) =>
          released.has(request.token) ? extendOrTake(store, request) : store.extend(request),
      }
    },
  },
  'revives an expired lease by extend': {
    fails: 'an expired holder cannot extend',
    instead: (store) => ({
      extend(request) {
        const expired = store.stateOf(request.key).holders.has(request.token)
        return expired ? extendOrTake(store, request) : store.extend(request)
      },
    }),
  },
  'frees nothing': {
    fails: 'a release frees the name at once',
    instead: (store) => ({
      async release(request) {
        const reply = await store.extend({ ...request, ttlMs: 60_000 })
        return reply.state === 'extended' ? { state: 'released' } : { state: 'absent' }
      },
    }),
  },
  'says released whatever was there': {
    fails: 'a second release finds nothing',
    instead: (store) => ({
      async release(request) {
        await store.release(request)
        return { state: 'released' }
      },
    }),
  },
  'remembers every token that tried to release': {
    fails: 'a free name cannot be released',
    instead(store) {
      const seen = new Set<string>()
      return {
        async release(request) {
          const reply = await store.release(request)
          if (seen.has(request.token) || reply.state !== 'absent') return reply
          seen.add(request.token)
          return { state: 'released' }
        },
      }
    },
  },
  'releases for any token': {
    fails: 'another token cannot release',
    instead: (store) => ({
      release: async (request) =>
        store.release({ ...request, token: await holderOf(store, request) }),
    }),
  },
  'repeats a release that it has seen before': {
    fails: 'a release sent again does not free the successor',
    instead(store) {
      const released = new Set<string>()
      return {
        async release(request) {
          if (released.has(request.token)) store.stateOf(request.key).holders.clear()
          released.add(request.token)
          return store.release(request)
        },
      }
    },
  },
  'lets a token hold a name once': {
    fails: 'a name is held and freed over and over',
    instead(store) {
      const released = new Set<string>()
      return {
        async acquire(request) {
          if (released.has(request.token)) return { state: 'held', remainingMs: 1 }
          return store.acquire(request)
        },
        release(request) {
          released.add(request.token)
          return store.release(request)
        },
      }
    },
  },
  'frees a lease by the name of an expired holder': {
    fails: 'an expired holder cannot release the lease of its successor',
    instead(store) {
      const grants = new Set<string>()
      return {
        acquire(request) {
          grants.add(request.token)
          return store.acquire(request)
        },
        async release(request) {
          if (grants.has(request.token)) store.stateOf(request.key).holders.clear()
          return store.release(request)
        },
      }
    },
  },
  'releases an expired lease': {
    fails: 'an expired holder cannot release',
    instead: (store) => ({
      async release(request) {
        const expired = store.stateOf(request.key).holders.has(request.token)
        const reply = await store.release(request)
        return expired && reply.state === 'absent' ? { state: 'released' } : reply
      },
    }),
  },
  'extends a successor for the holder before it': {
    fails: 'an expired holder cannot extend the lease of its successor',
    instead(store) {
      const grants = new Set<string>()
      return {
        acquire(request) {
          grants.add(request.token)
          return store.acquire(request)
        },
        async extend(request) {
          const token = grants.has(request.token) ? await holderOf(store, request) : request.token
          return store.extend({ ...request, token })
        },
      }
    },
  },
  'grants a holder its expired lease once more': {
    fails: 'an expired holder is refused like anybody else',
    instead(store) {
      const grants = new Set<string>()
      return {
        async acquire(request) {
          const reply = await store.acquire(request)
          if (reply.state === 'granted') grants.add(request.token)
          if (!grants.has(request.token)) return reply
          return { state: 'granted', remainingMs: request.ttlMs, fence: 1 }
        },
      }
    },
  },
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
  'mints no fence': {
    fails: 'a grant carries a fence, a safe integer above zero',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state !== 'granted') return reply
        const { fence: _, ...granted } = reply
        return granted
      },
    }),
  },
  'mints fences beyond the safe integers': {
    fails: 'a grant carries a fence, a safe integer above zero',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state !== 'granted' || reply.fence === undefined) return reply
        return { ...reply, fence: reply.fence * 10 }
      },
    }),
  },
  'starts the fence again after a release': {
    fails: 'the fence grows over releases',
    instead: (store) => ({ acquire: (request) => withFence(store, request, () => 1) }),
  },
  'forgets the fence with an expired lease': {
    fails: 'the fence grows over expiries',
    instead(store) {
      const last = new Map<string, number>()
      return {
        acquire(request) {
          const { holders } = store.stateOf(request.key)
          const ended = [...holders.values()].some(({ untilMs }) => untilMs <= nowMs())
          return withFence(store, request, () => {
            const next = ended ? 1 : (last.get(request.key) ?? 0) + 1
            last.set(request.key, next)
            return next
          })
        },
      }
    },
  },
  'mints a fence for a repeated acquire': {
    fails: 'a repeated acquire keeps the fence',
    instead: (store) => ({
      acquire(request) {
        const state = store.stateOf(request.key)
        state.holders.delete(request.token)
        return store.acquire(request)
      },
    }),
  },
  'mints a fence for an extend': {
    fails: 'an extend keeps the fence',
    instead: (store) => ({
      async extend(request) {
        const reply = await store.extend(request)
        if (reply.state === 'extended') bumpFence(store, request.key)
        return reply
      },
    }),
  },
  'mints a fence for a refusal': {
    fails: 'a refused acquire leaves the fence as it is',
    instead: (store) => ({
      async acquire(request) {
        const reply = await store.acquire(request)
        if (reply.state === 'held') bumpFence(store, request.key)
        return reply
      },
    }),
  },
  'shows no fence': {
    fails: 'inspect tells the fence',
    instead: (store) => ({
      inspect: (key) =>
        inspected(store, key, (holders) => holders.map(({ fence: _, ...holder }) => holder)),
    }),
  },
  'shows a holder that never was': {
    fails: 'inspect shows nobody on a free name',
    instead: (store) => ({
      inspect: (key) =>
        inspected(store, key, (holders) =>
          holders.length > 0 ? holders : [{ token: '', units: 1, remainingMs: 1 }],
        ),
    }),
  },
  'shows nobody': {
    fails: 'inspect shows the holder and the time it has left',
    instead: (store) => ({ inspect: (key) => inspected(store, key, () => []) }),
  },
  'shows the TTL of the acquire': {
    fails: 'inspect shows the new end after an extend',
    instead(store) {
      const ttls = new Map<string, number>()
      return {
        acquire(request) {
          ttls.set(request.token, request.ttlMs)
          return store.acquire(request)
        },
        inspect: (key) =>
          inspected(store, key, (holders) =>
            holders.map((holder) => ({ ...holder, remainingMs: ttls.get(holder.token) ?? 1 })),
          ),
      }
    },
  },
  'shows the last holder after its release': {
    fails: 'inspect shows nobody after a release',
    instead(store) {
      const released = new Map<string, string>()
      return {
        release(request) {
          released.set(request.key, request.token)
          return store.release(request)
        },
        inspect: (key) =>
          inspected(store, key, (holders) => {
            const token = released.get(key)
            if (holders.length > 0 || token === undefined) return holders
            return [{ token, units: 1, remainingMs: 1 }]
          }),
      }
    },
  },
  'shows expired holders': {
    fails: 'inspect shows nobody after the end of a lease',
    instead: (store) => ({
      inspect: async (key) => ({
        holders: [...store.stateOf(key).holders].map(([token, { fence, untilMs }]) => {
          return { token, units: 1, fence, remainingMs: Math.max(1, untilMs - nowMs()) }
        }),
        capacity: 1,
        waiters: 0,
      }),
    }),
  },
  'shows the holders of before beside the present one': {
    fails: 'inspect shows the successor alone',
    instead(store) {
      const known = new Map<string, string>()
      return {
        async acquire(request) {
          const reply = await store.acquire(request)
          if (reply.state === 'granted' && !known.has(request.key)) {
            known.set(request.key, request.token)
          }
          return reply
        },
        inspect: (key) =>
          inspected(store, key, (holders) => {
            const token = known.get(key)
            const missing = holders.length > 0 && !holders.some((each) => each.token === token)
            if (!missing || token === undefined) return holders
            return [...holders, { token, units: 1, remainingMs: 1 }]
          }),
      }
    },
  },
  'prolongs what it is asked to show': {
    fails: 'inspect does not prolong a lease',
    instead: (store) => ({
      async inspect(key) {
        const reply = await store.inspect(key)
        for (const { token } of reply.holders) moveEnd(store, { key, token, ttlMs: 60_000 })
        return reply
      },
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
        const reply = await store.acquire(request)
        if (reply.state === 'late') prolong(store, request)
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

async function granted(store: StepLeaseStore, request: AcquireRequest, addMs: number) {
  const reply = await store.acquire(request)
  if (reply.state !== 'granted') return reply
  return { ...reply, remainingMs: reply.remainingMs + addMs }
}

/** `acquire`, whose repetition by the holder only does what `change` does. */
function repeatedBy(
  store: StepLeaseStore,
  change: (request: AcquireRequest) => void,
): StepLeaseStore['acquire'] {
  return async (request) => {
    const [held] = (await store.inspect(request.key)).holders
    if (held?.token !== request.token) return store.acquire(request)
    change(request)
    return { ...held, state: 'granted', remainingMs: request.ttlMs }
  }
}

async function extendOrTake(store: StepLeaseStore, request: ExtendRequest) {
  const reply = await store.extend(request)
  if (reply.state !== 'absent') return reply
  await store.acquire(request)
  return { state: 'extended', remainingMs: request.ttlMs } as const
}

const holderOf = async (store: StepLeaseStore, { key, token }: { key: string; token: string }) =>
  (await store.inspect(key)).holders[0]?.token ?? token

function moveEnd(store: StepLeaseStore, { key, ttlMs }: ExtendRequest): void {
  for (const holder of store.stateOf(key).holders.values()) {
    if (holder.untilMs > nowMs()) holder.untilMs = nowMs() + ttlMs
  }
}

function prolong(store: StepLeaseStore, { key, ttlMs }: ExtendRequest): void {
  for (const holder of store.stateOf(key).holders.values()) {
    if (holder.untilMs > nowMs()) holder.untilMs = Math.max(holder.untilMs, nowMs() + ttlMs)
  }
}

/** Grants with a fence from elsewhere; a holder keeps the one it got. */
async function withFence(store: StepLeaseStore, request: AcquireRequest, mint: () => number) {
  const { holders } = store.stateOf(request.key)
  const before = holders.get(request.token)
  const reply = await store.acquire(request)
  const after = holders.get(request.token)
  if (reply.state !== 'granted' || !after) return reply
  const fence = before === after ? after.fence : mint()
  holders.set(request.token, { ...after, fence })
  return { ...reply, fence }
}

function bumpFence(store: StepLeaseStore, key: string): void {
  const { holders } = store.stateOf(key)
  for (const [token, holder] of holders) holders.set(token, { ...holder, fence: holder.fence + 1 })
}

async function inspected(
  store: StepLeaseStore,
  key: string,
  change: (holders: Inspection['holders']) => Inspection['holders'],
): Promise<Inspection> {
  const { holders, ...rest } = await store.inspect(key)
  return { ...rest, holders: change(holders) }
}

function renamed(store: StepLeaseStore, rename: (key: string) => string): Partial<StepLeaseStore> {
  return {
    acquire: (request) => store.acquire({ ...request, key: rename(request.key) }),
    extend: (request) => store.extend({ ...request, key: rename(request.key) }),
    release: (request) => store.release({ ...request, key: rename(request.key) }),
    inspect: (key) => store.inspect(rename(key)),
  }
}
