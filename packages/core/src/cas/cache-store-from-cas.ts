import type { CacheStore, CompareAndSetReply, LoadLeaseReply } from '../contract/cache-store.ts'
import type { CasStore } from '../contract/cas-store.ts'
import { StoreUnavailableError } from '../errors.ts'
import { decodeValue } from './cache-value.ts'
import { CasCache } from './cas-cache.ts'
import { elect } from './elect.ts'
import { viewOf } from './load-place.ts'
import { TtlSteps } from './ttl-steps.ts'
import { untilSettled } from './until-settled.ts'

/**
 * A cache store without signals and without a clock of its own.
 *
 * A hit and a write are one step each. A load is one step to be elected, for an entry that is missing,
 * and two to commit. A commit is refused when its entry was written, removed, evicted or has ended
 * since the election. The reason of a failed load is kept whether or not somebody waits for it.
 */
export function cacheStoreFromCas<Version>(cas: CasStore<Version>): CacheStore {
  const cache = new CasCache(cas)
  const steps = new TtlSteps(cas.facts)
  const { valueBytesMax } = cache
  const { ttlResolutionMs } = cas.facts
  /** Tokens that may still be elected, each until its caller is answered or gives it up. */
  const electing = new Set<string>()

  return {
    facts: { ttlResolutionMs, valueBytesMax, clock: false },

    async read(keys) {
      const found = await Promise.all(keys.map((key) => cas.get(key)))
      return found.map((stored) => stored && decodeValue(stored.value).entry)
    },

    async lease(request) {
      const { key, token, seen, awaited } = request
      // Who has seen nothing and waits for nobody most likely finds nothing.
      let isLikelyMissing = seen === undefined && awaited === undefined
      electing.add(token)
      try {
        return await untilSettled<LoadLeaseReply>(async () => {
          const view = isLikelyMissing ? viewOf<Version>(key) : await cache.look(key)
          isLikelyMissing = false
          if (!electing.has(token)) throw new StoreUnavailableError('the election was given up')
          return elect(cas, steps, view, request)
        })
      } finally {
        electing.delete(token)
      }
    },

    renew(key, token, leaseMs) {
      return cache.remark(key, token, (mark) => ({ ...mark, ttlMs: leaseMs }))
    },

    async commit(request) {
      const write = cache.asWrite(request)
      const { key, token } = request
      return cache.whileLoading(key, token, (view) => cache.replace(view, write))
    },

    async fail(key, token, reason, keepMs) {
      electing.delete(token)
      await cache.remark(key, token, () => ({ failed: { token, reason }, ttlMs: keepMs }))
    },

    async write(request) {
      await cas.set(cache.asWrite(request))
      return { state: 'written' }
    },

    async compareAndSet(request) {
      const { key, token, expected } = request
      const write = cache.asWrite(request)
      return untilSettled<CompareAndSetReply>(async () => {
        const view = viewOf(key, await cas.get(key))
        const version = view.entry?.version
        if (version === expected && version !== token && !(await cache.replace(view, write))) {
          return undefined
        }
        if (version === expected || version === token) return { state: 'written', version: token }
        return { state: 'conflict', ...(version !== undefined && { version }) }
      })
    },

    async remove(keys) {
      const removed = await Promise.all(keys.map((key) => removeEntry(cas, key)))
      return removed.filter(Boolean).length
    },

    ...(cas.close && { close: async () => cas.close?.() }),
  }
}

/** Whether there was one. */
function removeEntry<Version>(cas: CasStore<Version>, key: string): Promise<boolean> {
  return untilSettled(async () => {
    const found = await cas.get(key)
    if (!found) return false
    // What is removed must be what was seen: else it would not be known what to count.
    if (!(await cas.compareAndDelete(key, found.version))) return undefined
    // The mark of a load is gone with it, and does not count.
    return decodeValue(found.value).entry !== undefined
  })
}
