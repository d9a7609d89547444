import { setImmediate as turn } from 'node:timers/promises'
import type { CommitRequest, LoadLeaseReply, StoredEntry } from '../../../src/index.ts'
import { nowMs, type StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

const LONG_MS = 600_000

/** Cache stores with one mistake each. */
export const brokenCacheStores: BrokenStores<StepCacheStore> = {
  'answers a miss with nothing inside': {
    fails: 'a key that nobody wrote is a miss',
    instead: (store) => ({
      read: (keys) => readAs(store, keys, (entry) => entry ?? { version: '', data: Buffer.of() }),
    }),
  },
  'never stores': {
    fails: 'a written value is read',
    instead: () => ({ write: async () => ({ state: 'written' }) }),
  },
  'takes an empty value for a miss': {
    fails: 'an empty value is a value',
    instead: (store) => ({
      read: (keys) => readAs(store, keys, (entry) => (entry?.data.length ? entry : undefined)),
    }),
  },
  'keeps values as text': {
    fails: 'every byte value comes back as it was',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, data: Buffer.from(Buffer.from(request.data).toString()) }),
    }),
  },
  'cuts values at 64 kB': {
    fails: 'a large value comes back as it was',
    instead: (store) => ({
      write: (request) => store.write({ ...request, data: request.data.subarray(0, 65_536) }),
    }),
  },
  'writes over the start of the old value': {
    fails: 'a write replaces the value',
    instead: (store) => ({
      async write(request) {
        const [old] = await store.read([request.key])
        const rest = old?.data.subarray(request.data.length) ?? []
        return store.write({ ...request, data: Uint8Array.of(...request.data, ...rest) })
      },
    }),
  },
  'counts versions of its own': {
    fails: 'the token of a write becomes the version',
    instead(store) {
      let count = 0
      return { write: (request) => store.write({ ...request, token: `${count++}` }) }
    },
  },
  'takes the bytes for the version': {
    fails: 'the same bytes written again are another version',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, token: Buffer.from(request.data).toString('hex') }),
    }),
  },
  'folds the case of keys': {
    fails: 'similar and long keys are entries of their own',
    instead: (store) => renamed(store, (key) => key.toLowerCase()),
  },
  'cuts long keys': {
    fails: 'similar and long keys are entries of their own',
    instead: (store) => renamed(store, (key) => key.slice(0, 200)),
  },
  'takes no value of the largest size': {
    fails: 'the largest value is stored whole, a larger one is refused',
    instead: (store) => ({
      async write(request) {
        if (request.data.length >= store.facts.valueBytesMax) throw new RangeError('too large')
        return store.write(request)
      },
    }),
  },
  'drops the old value for one too large': {
    fails: 'the largest value is stored whole, a larger one is refused',
    instead: (store) => ({
      async write(request) {
        if (request.data.length > store.facts.valueBytesMax) await store.remove([request.key])
        return store.write(request)
      },
    }),
  },
  'cuts loaded values that are too large': {
    fails: 'the largest value is stored whole, a larger one is refused',
    instead: (store) => ({
      commit: (request) =>
        store.commit({ ...request, data: request.data.subarray(0, store.facts.valueBytesMax) }),
    }),
  },
  'answers without the misses': {
    fails: 'read answers in the order of the keys, misses included',
    instead: (store) => ({
      read: async (keys) => {
        const entries = await store.read(keys)
        return keys.length > 1 ? entries.filter((entry) => entry) : entries
      },
    }),
  },
  'reads at least one key': {
    fails: 'read of no keys answers nothing',
    instead: (store) => ({
      read: async (keys) => (keys.length > 0 ? store.read(keys) : [undefined]),
    }),
  },
  'counts keys instead of entries': {
    fails: 'remove counts the entries that were there',
    instead: (store) => ({
      async remove(keys) {
        await store.remove(keys)
        return keys.length
      },
    }),
  },
  'removes the first key only': {
    fails: 'remove counts the entries that were there',
    instead: (store) => ({ remove: (keys) => store.remove(keys.slice(0, 1)) }),
  },
  'cannot remove no keys': {
    fails: 'remove of no keys removes nothing',
    instead: (store) => ({
      async remove(keys) {
        if (keys.length === 0) throw new Error('wrong number of arguments')
        return store.remove(keys)
      },
    }),
  },
  'removes all that it has': {
    fails: 'remove leaves other entries alone',
    instead(store) {
      const keys = new Set<string>()
      return {
        write(request) {
          keys.add(request.key)
          return store.write(request)
        },
        async remove(some) {
          const count = await store.remove(some)
          await store.remove([...keys])
          return count
        },
      }
    },
  },
  'never ends an entry': {
    fails: 'a written entry ends by itself',
    instead: (store) => ({ write: (request) => store.write({ ...request, ttlMs: LONG_MS }) }),
  },
  'reads expired entries': {
    fails: 'a written entry ends by itself',
    instead: (store) => ({
      read: async (keys) =>
        keys.map((key) => {
          const { entry } = store.stateOf(key)
          return entry && { version: entry.version, data: entry.data }
        }),
    }),
  },
  'rounds a TTL down to whole tenths, and takes none for endless': {
    fails: 'the shortest entry ends by itself, too',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, ttlMs: Math.floor(request.ttlMs / 100) * 100 || LONG_MS }),
    }),
  },
  'commits for ever': {
    fails: 'a committed entry ends by itself',
    instead: (store) => ({ commit: (request) => store.commit({ ...request, ttlMs: LONG_MS }) }),
  },
  'ends an entry early': {
    fails: 'an entry lasts for its TTL',
    instead: (store) => ({
      write: (request) => store.write({ ...request, ttlMs: Math.ceil(request.ttlMs / 4) }),
    }),
  },
  'takes more than 30 days for a date': {
    fails: 'an entry may last for a year',
    instead: (store) => ({
      write: ({ ttlMs, ...request }) =>
        store.write({ ...request, ttlMs: ttlMs > 30 * 86_400_000 ? -1 : ttlMs }),
    }),
  },
  'keeps the old TTL of an entry': {
    fails: 'a write re-sets the TTL',
    instead: (store) => ({
      write: (request) =>
        store.write({ ...request, ttlMs: leftOf(store, request.key) ?? request.ttlMs }),
    }),
  },
  'only prolongs an entry': {
    fails: 'a write sets a shorter TTL, too',
    instead: (store) => ({
      write(request) {
        const ttlMs = Math.max(request.ttlMs, leftOf(store, request.key) ?? 0)
        return store.write({ ...request, ttlMs })
      },
    }),
  },
  'counts ended entries': {
    fails: 'an ended entry is not counted by remove',
    instead: (store) => ({
      async remove(keys) {
        const there = keys.filter((key) => store.stateOf(key).entry)
        await store.remove(keys)
        return there.length
      },
    }),
  },
  'elects nobody': {
    fails: 'the first to miss loads',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state !== 'won') return reply
        return { state: 'lost', holder: '', remainingMs: 1, vanished: false }
      },
    }),
  },
  'elects everybody': {
    fails: 'the second learns who loads, and for how long at most',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        return reply.state === 'lost' ? { state: 'won', vanished: reply.vanished } : reply
      },
    }),
  },
  'tells the loser its own lease': {
    fails: 'the second learns who loads, and for how long at most',
    instead: (store) => ({
      lease: (request) =>
        answered(store.lease(request), (reply) =>
          reply.state === 'lost' ? { ...reply, remainingMs: request.leaseMs } : reply,
        ),
    }),
  },
  'tells the loser its own token': {
    fails: 'the second learns who loads, and for how long at most',
    instead: (store) => ({
      lease: (request) =>
        answered(store.lease(request), (reply) =>
          reply.state === 'lost' ? { ...reply, holder: request.token } : reply,
        ),
    }),
  },
  'refuses the loader that asks again': {
    fails: 'the loader that asks again has won again',
    instead: (store) => ({
      async lease(request) {
        const mine = loaderOf(store, request.key) === request.token
        const reply = await store.lease(request)
        if (!mine || reply.state !== 'won') return reply
        return { state: 'lost', holder: request.token, remainingMs: 1, vanished: reply.vanished }
      },
    }),
  },
  'keeps the end of a repeated lease': {
    fails: 'the loader that asks again re-sets the end of its lease',
    instead: (store) => ({
      lease(request) {
        const { lease } = store.stateOf(request.key)
        const mine = lease?.holder === request.token && lease.untilMs > nowMs()
        const leaseMs = mine ? lease.untilMs - nowMs() : request.leaseMs
        return store.lease({ ...request, leaseMs })
      },
    }),
  },
  'does not look again': {
    fails: 'who missed gets the value that is there by now',
    instead: (store) => ({
      async lease(request) {
        const seen = store.stateOf(request.key).entry?.version
        return store.lease({ ...request, ...(seen !== undefined && { seen }) })
      },
    }),
  },
  'takes any version for the one that was seen': {
    fails: 'who saw an older version gets the newer value',
    instead: (store) => ({
      async lease(request) {
        const current = store.stateOf(request.key).entry?.version
        const seen = request.seen === undefined ? undefined : (current ?? request.seen)
        return store.lease({ ...request, ...(seen !== undefined && { seen }) })
      },
    }),
  },
  'looks at the lease before the value': {
    fails: 'a newer value is told while somebody loads, too',
    instead: (store) => ({
      async lease(request) {
        const holder = loaderOf(store, request.key)
        if (holder === undefined || holder === request.token) return store.lease(request)
        const vanished = request.seen !== undefined && !store.stateOf(request.key).entry
        return { state: 'lost', holder, remainingMs: 1, vanished }
      },
    }),
  },
  'takes a seen version for news': {
    fails: 'who saw the current version loads the next, and the entry stays',
    instead: (store) => ({ lease: ({ seen: _, ...request }) => store.lease(request) }),
  },
  'drops the entry that is loaded anew': {
    fails: 'who saw the current version loads the next, and the entry stays',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state === 'won') delete store.stateOf(request.key).entry
        return reply
      },
    }),
  },
  'never tells that an entry vanished': {
    fails: 'who saw an entry that is gone is told that it vanished',
    instead: (store) => ({
      lease: (request) =>
        answered(store.lease(request), (reply) =>
          'vanished' in reply ? { ...reply, vanished: false } : reply,
        ),
    }),
  },
  'takes an ended entry for one that is there': {
    fails: 'an entry that has ended has vanished',
    instead: (store) => ({
      async lease(request) {
        const there = store.stateOf(request.key).entry !== undefined
        const reply = await store.lease(request)
        return there && 'vanished' in reply ? { ...reply, vanished: false } : reply
      },
    }),
  },
  'has one lease for all keys': {
    fails: 'a load of one key does not keep another from loading',
    instead: (store) => ({ lease: (request) => store.lease({ ...request, key: 'all' }) }),
  },
  'never ends a lease': {
    fails: 'a lease ends by itself, and the next one loads',
    instead: (store) => ({ lease: (request) => store.lease({ ...request, leaseMs: LONG_MS }) }),
  },
  'takes the shortest lease for endless': {
    fails: 'the shortest lease ends by itself, too',
    instead: (store) => ({
      lease: (request) =>
        store.lease({ ...request, leaseMs: request.leaseMs < 100 ? LONG_MS : request.leaseMs }),
    }),
  },
  'ends a lease early': {
    fails: 'a lease lasts for its time',
    instead: (store) => ({
      lease: (request) => store.lease({ ...request, leaseMs: Math.ceil(request.leaseMs / 4) }),
    }),
  },
  'lets a loser move the end of the lease': {
    fails: 'whoever is refused does not prolong the lease',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        const { lease } = store.stateOf(request.key)
        if (reply.state === 'lost' && lease) lease.untilMs = nowMs() + request.leaseMs
        return reply
      },
    }),
  },
  'renews nothing': {
    fails: 'the loader renews its lease',
    instead: (store) => ({ renew: async (key, token) => loaderOf(store, key) === token }),
  },
  'only prolongs a lease': {
    fails: 'a renewal sets a shorter time, too',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        const left = (store.stateOf(key).lease?.untilMs ?? 0) - nowMs()
        return store.renew(key, token, Math.max(left, leaseMs))
      },
    }),
  },
  'renews for any token': {
    fails: 'another token cannot renew',
    instead: (store) => ({
      renew: async (key, token, leaseMs) =>
        store.renew(key, loaderOf(store, key) ?? token, leaseMs),
    }),
  },
  'elects by renewing': {
    fails: 'what nobody loads cannot be renewed',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        if (await store.renew(key, token, leaseMs)) return true
        return (await store.lease({ key, token, leaseMs })).state === 'won'
      },
    }),
  },
  'revives an ended lease': {
    fails: 'an ended lease cannot be renewed',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        const { lease } = store.stateOf(key)
        if (lease?.holder === token) lease.untilMs = nowMs() + leaseMs
        return store.renew(key, token, leaseMs)
      },
    }),
  },
  'renews for whoever loaded once': {
    fails: 'an ended lease cannot renew the one of its successor',
    instead(store) {
      const loaders = new Set<string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.add(request.token)
          return reply
        },
        async renew(key, token, leaseMs) {
          const holder = loaders.has(token) ? loaderOf(store, key) : token
          return store.renew(key, holder ?? token, leaseMs)
        },
      }
    },
  },
  'prolongs the entry with the lease': {
    fails: 'a renewal leaves the entry as it is',
    instead: (store) => ({
      async renew(key, token, leaseMs) {
        const { entry } = store.stateOf(key)
        const renewed = await store.renew(key, token, leaseMs)
        if (entry) store.stateOf(key).entry = { ...entry, untilMs: nowMs() + leaseMs }
        return renewed
      },
    }),
  },
  'commits nothing': {
    fails: 'the loader stores its value under its token',
    instead: (store) => ({
      async commit({ key, token }) {
        const mine = loaderOf(store, key) === token
        if (mine) delete store.stateOf(key).lease
        return mine
      },
    }),
  },
  'commits a missing entry only': {
    fails: 'a commit replaces the version that the loader saw',
    instead: (store) => ({
      commit: async (request) => !store.stateOf(request.key).entry && store.commit(request),
    }),
  },
  'keeps the lease at a commit': {
    fails: 'a commit ends the lease',
    instead: (store) => ({
      async commit(request) {
        const { lease } = store.stateOf(request.key)
        const committed = await store.commit(request)
        if (lease) store.stateOf(request.key).lease = lease
        return committed
      },
    }),
  },
  'commits again what it has committed': {
    fails: 'a second commit is refused',
    instead: (store) => ({
      commit: async (request) =>
        (await store.commit(request)) ||
        store.stateOf(request.key).entry?.version === request.token,
    }),
  },
  'commits without looking at the lease': {
    fails: 'a commit without a lease is refused',
    instead: (store) => ({ commit: (request) => put(store, request) }),
  },
  'commits under any lease': {
    fails: 'a commit by another token is refused, and the load goes on',
    instead: (store) => ({
      commit: async (request) => loaderOf(store, request.key) !== undefined && put(store, request),
    }),
  },
  'commits under an ended lease': {
    fails: 'a commit after the end of the lease is refused',
    instead: (store) => ({
      commit: async (request) =>
        store.stateOf(request.key).lease?.holder === request.token && put(store, request),
    }),
  },
  'drops the lease before it compares': {
    fails: 'a commit after the end of the lease leaves the successor alone',
    instead: (store) => ({
      async commit(request) {
        const committed = await store.commit(request)
        delete store.stateOf(request.key).lease
        return committed
      },
    }),
  },
  'leaves the lease at a remove': {
    fails: 'a load that began before a remove cannot commit',
    instead: (store) => ({
      remove: (keys) => keepingLeases(store, keys, () => store.remove(keys)),
    }),
  },
  'leaves the lease of a missing entry at a remove': {
    fails: 'a load of a missing entry that began before a remove cannot commit',
    instead: (store) => ({
      async remove(keys) {
        const missing = keys.filter((key) => !store.stateOf(key).entry)
        return keepingLeases(store, missing, () => store.remove(keys))
      },
    }),
  },
  'leaves the lease at a write': {
    fails: 'a load that began before a write cannot commit',
    instead: (store) => ({
      write: (request) => keepingLeases(store, [request.key], () => store.write(request)),
    }),
  },
  'renews a lease that was voided': {
    fails: 'a voided lease cannot be renewed',
    instead(store) {
      const loaders = new Map<string, string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.set(request.key, request.token)
          return reply
        },
        renew: async (key, token, leaseMs) =>
          (await store.renew(key, token, leaseMs)) || loaders.get(key) === token,
      }
    },
  },
  'lets the voided loader finish before the next one': {
    fails: 'a remove voids the load, and the next one is elected',
    instead: (store) => ({
      remove: (keys) => markingLeases(store, keys, () => store.remove(keys)),
    }),
  },
  'lets the overwritten loader finish before the next one': {
    fails: 'a write voids the load, and the next one is elected',
    instead: (store) => ({
      write: (request) => markingLeases(store, [request.key], () => store.write(request)),
    }),
  },
  'lets any loader of the time before commit under a new lease': {
    fails: 'a voided load cannot commit under the lease of its successor',
    instead(store) {
      const loaders = new Set<string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.add(request.token)
          return reply
        },
        commit: async (request) =>
          (await store.commit(request)) ||
          (loaders.has(request.token) &&
            loaderOf(store, request.key) !== undefined &&
            put(store, request)),
      }
    },
  },
  'keeps the failure at a remove': {
    fails: 'a remove forgets the failure of the load',
    instead: (store) => ({
      async remove(keys) {
        const failed = keys.map((key) => store.stateOf(key).lease)
        const count = await store.remove(keys)
        for (const [i, key] of keys.entries()) {
          const lease = failed[i]
          if (lease?.failed) store.stateOf(key).lease = lease
        }
        return count
      },
    }),
  },
  'forgets why a load failed': {
    fails: 'those who wait are told the reason',
    instead: (store) => ({ fail: (key, token) => store.fail(key, token, '', LONG_MS) }),
  },
  'tells the first who waited only': {
    fails: 'those who wait are told the reason',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state === 'failed') delete store.stateOf(request.key).lease
        return reply
      },
    }),
  },
  'tells newcomers of the failure': {
    fails: 'a newcomer loads at once',
    instead: (store) => ({
      lease: (request) => store.lease({ ...failedOf(store, request.key), ...request }),
    }),
  },
  'tells everybody who waits for something': {
    fails: 'who waits for another load is not told',
    instead: (store) => ({
      lease: ({ awaited, ...request }) =>
        store.lease({
          ...request,
          ...(awaited !== undefined && (failedOf(store, request.key) ?? { awaited })),
        }),
    }),
  },
  'forgets the failure when the next one loads': {
    fails: 'the load of a newcomer does not hide the reason from those who wait',
    instead: (store) => ({
      async lease(request) {
        const reply = await store.lease(request)
        if (reply.state === 'won') delete store.stateOf(request.key).lease?.failed
        return reply
      },
    }),
  },
  'keeps the failure that nobody waits for': {
    fails: 'of a failure that nobody waits for nothing is left',
    instead: (store) => ({
      fail(key, token, reason, keepMs) {
        const { lease } = store.stateOf(key)
        if (lease) lease.awaited = true
        return store.fail(key, token, reason, keepMs)
      },
    }),
  },
  'keeps the failure for ever': {
    fails: 'the reason is kept for its time only',
    instead: (store) => ({ fail: (key, token, reason) => store.fail(key, token, reason, LONG_MS) }),
  },
  'tells the failure before the value': {
    fails: 'a value that came later is what those who waited get',
    instead: (store) => keepingFailures(store, ({ awaited }) => awaited !== undefined),
  },
  'keeps the failure at a commit': {
    fails: 'a commit forgets the failure',
    instead: (store) =>
      keepingFailures(
        store,
        ({ key, awaited, seen }) =>
          awaited !== undefined && seen === store.stateOf(key).entry?.version,
      ),
  },
  'drops the entry whose load failed': {
    fails: 'a failed load leaves the entry as it is',
    instead: (store) => ({
      async fail(key, token, reason, keepMs) {
        await store.fail(key, token, reason, keepMs)
        delete store.stateOf(key).entry
      },
    }),
  },
  'lets a failed load commit': {
    fails: 'a failed load cannot commit',
    instead: (store) => ({
      commit: async (request) =>
        store.stateOf(request.key).lease?.failed?.token === request.token
          ? put(store, request)
          : store.commit(request),
    }),
  },
  'keeps the lease of a failed load': {
    fails: 'a newcomer loads at once',
    instead: () => ({ fail: async () => {} }),
  },
  'fails for any token': {
    fails: 'another token cannot fail the load',
    instead: (store) => ({
      fail: (key, token, reason, keepMs) =>
        store.fail(key, loaderOf(store, key) ?? token, reason, keepMs),
    }),
  },
  'fails for whoever loaded once': {
    fails: 'an expired load cannot fail the one of its successor',
    instead(store) {
      const loaders = new Set<string>()
      return {
        async lease(request) {
          const reply = await store.lease(request)
          if (reply.state === 'won') loaders.add(request.token)
          return reply
        },
        fail(key, token, reason, keepMs) {
          const holder = loaders.has(token) ? loaderOf(store, key) : token
          return store.fail(key, holder ?? token, reason, keepMs)
        },
      }
    },
  },
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

async function readAs(
  store: StepCacheStore,
  keys: readonly string[],
  change: (entry: StoredEntry | undefined) => StoredEntry | undefined,
) {
  return (await store.read(keys)).map(change)
}

const answered = async (
  reply: Promise<LoadLeaseReply>,
  change: (reply: LoadLeaseReply) => LoadLeaseReply,
) => change(await reply)

/** Time left for an entry that is there. */
function leftOf(store: StepCacheStore, key: string): number | undefined {
  const leftMs = (store.stateOf(key).entry?.untilMs ?? 0) - nowMs()
  return leftMs > 0 ? leftMs : undefined
}

/** Whose lease stands. */
function loaderOf(store: StepCacheStore, key: string): string | undefined {
  const { lease } = store.stateOf(key)
  return lease && lease.untilMs > nowMs() ? lease.holder : undefined
}

function failedOf(store: StepCacheStore, key: string): { readonly awaited: string } | undefined {
  const failed = store.stateOf(key).lease?.failed
  return failed && { awaited: failed.token }
}

async function put(store: StepCacheStore, request: CommitRequest): Promise<boolean> {
  await store.write(request)
  return true
}

async function keepingLeases<Reply>(
  store: StepCacheStore,
  keys: readonly string[],
  command: () => Promise<Reply>,
): Promise<Reply> {
  const leases = keys.map((key) => store.stateOf(key).lease)
  const reply = await command()
  for (const [i, key] of keys.entries()) {
    const lease = leases[i]
    if (lease) store.stateOf(key).lease = lease
  }
  return reply
}

/** The leases stay, under a token that cannot commit. */
async function markingLeases<Reply>(
  store: StepCacheStore,
  keys: readonly string[],
  command: () => Promise<Reply>,
): Promise<Reply> {
  const reply = await keepingLeases(store, keys, command)
  for (const key of keys) {
    const { lease } = store.stateOf(key)
    if (lease?.holder !== undefined) lease.holder = 'voided'
  }
  return reply
}

/** Failures survive a commit, and are told to whom `isTold` says. */
function keepingFailures(
  store: StepCacheStore,
  isTold: (request: Parameters<StepCacheStore['lease']>[0]) => boolean,
): Partial<StepCacheStore> {
  const failures = new Map<string, string>()
  return {
    fail(key, token, reason, keepMs) {
      failures.set(token, reason)
      return store.fail(key, token, reason, keepMs)
    },
    async lease(request) {
      const reason = failures.get(request.awaited ?? '')
      if (reason !== undefined && isTold(request)) return { state: 'failed', reason }
      return store.lease(request)
    },
  }
}

function renamed(store: StepCacheStore, rename: (key: string) => string): Partial<StepCacheStore> {
  return {
    read: (keys) => store.read(keys.map(rename)),
    write: (request) => store.write({ ...request, key: rename(request.key) }),
    lease: (request) => store.lease({ ...request, key: rename(request.key) }),
    commit: (request) => store.commit({ ...request, key: rename(request.key) }),
    remove: (keys) => store.remove(keys.map(rename)),
  }
}
