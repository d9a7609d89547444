import type { CacheStore, Clock, LoadSignal, SignalListener } from '@locks/core'
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

  const listeners = new Set<{ readonly prefix: string; readonly listener: SignalListener }>()
  const tell = (key: string) => (signal: LoadSignal) => {
    for (const { prefix, listener } of listeners) {
      if (key.startsWith(prefix)) listener.signal(key, signal)
    }
  }

  return {
    facts: { ttlResolutionMs: 1, valueBytesMax: Number.MAX_SAFE_INTEGER, clock: true },
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
      const { key } = request
      return entries.update(key, (s) => cacheStep.commit(s, request, nowMs(), tell(key)))
    },
    async fail(key, token, reason, keepMs) {
      entries.update(key, (s) => cacheStep.fail(s, token, reason, keepMs, nowMs(), tell(key)))
    },
    async write(request) {
      const { key } = request
      return entries.update(key, (s) => cacheStep.write(s, request, nowMs(), tell(key)))
    },
    async compareAndSet(request) {
      const { key } = request
      return entries.update(key, (s) => cacheStep.compareAndSet(s, request, nowMs(), tell(key)))
    },
    async remove(keys, options) {
      const remove = (key: string) =>
        entries.update(key, (s) => cacheStep.remove(s, nowMs(), tell(key), options?.announce))
      return keys.filter(remove).length
    },
    async listEntries({ prefix }) {
      const isThere = ({ entry, lease }: CacheState) => entry !== undefined || lease !== undefined
      return { keys: entries.keys(isThere).filter((key) => key.startsWith(prefix)) }
    },
    onSignal(prefix, listener) {
      const entry = { prefix, listener }
      listeners.add(entry)
      return {
        ready: Promise.resolve(),
        close: async () => {
          listeners.delete(entry)
        },
      }
    },
  }
}
