import type { CacheStore, Clock } from '@locks/core'
import { type CacheState, cacheStep } from '@locks/core/spec'
import { ExpiringMap } from './expiring-map.ts'
import { storeTime } from './store-time.ts'

/** Cache entries in this process, by executing the specification itself. */
export function memoryCacheStore(clock: Clock): CacheStore {
  const nowUs = storeTime(clock)
  const nowMs = () => Math.floor(nowUs() / 1000)
  const entries = new ExpiringMap<CacheState>(clock, {
    create: () => ({}),
    settle: (state) => cacheStep.read(state, nowMs()),
    isSpent: (state) => state.entry === undefined && state.lease === undefined,
  })

  return {
    facts: { ttlResolutionMs: 1, valueBytesMax: Number.MAX_SAFE_INTEGER },
    async read(keys) {
      return keys.map((key) => entries.update(key, (s) => cacheStep.read(s, nowMs())))
    },
    async lease(request) {
      return entries.update(request.key, (s) => cacheStep.lease(s, request, nowMs()))
    },
    async renew(key, token, leaseMs) {
      return entries.update(key, (s) => cacheStep.renew(s, token, leaseMs, nowMs()))
    },
    async commit(request) {
      return entries.update(request.key, (s) => cacheStep.commit(s, request, nowMs()))
    },
    async fail(key, token, reason, keepMs) {
      entries.update(key, (s) => cacheStep.fail(s, token, reason, keepMs, nowMs()))
    },
    async write(request) {
      return entries.update(request.key, (s) => cacheStep.write(s, request, nowMs()))
    },
    async remove(keys) {
      return keys.filter((key) => entries.update(key, (s) => cacheStep.remove(s, nowMs()))).length
    },
  }
}
