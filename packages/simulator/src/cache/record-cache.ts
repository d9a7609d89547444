import type { HerdCache } from '@locks/herd-cache'
import type { Found, Recorder } from '@locks/history'

/** What callers use of a cache whose values say where they come from. */
export type UsedCache = Pick<
  HerdCache,
  'get' | 'getOrSet' | 'set' | 'delete' | 'expire' | 'invalidateTags' | 'clear' | 'close'
>

/** `cache`, with what its callers ask for and are told written down. What has no value is unknown. */
export function recordCache(cache: HerdCache, recorder: Recorder): UsedCache {
  const asking = async <T>(kind: 'get' | 'getOrSet', key: string, ask: () => Promise<T>) => {
    const reading = recorder.begin(kind, { key })
    let outcome: Found = { is: 'unknown' }
    try {
      const value = await ask()
      const text = textOf(value)
      if (text !== undefined) outcome = { is: 'found', value: text }
      return value
    } finally {
      reading.end(outcome)
    }
  }
  const changing = async <T>(
    pending: { end(outcome: { readonly is: 'done' | 'unknown' }): void },
    change: () => Promise<T>,
  ) => {
    let is: 'done' | 'unknown' = 'unknown'
    try {
      const changed = await change()
      is = 'done'
      return changed
    } finally {
      pending.end({ is })
    }
  }
  const used: { [Name in keyof UsedCache]: unknown } = {
    get: (name: string) => asking('get', name, () => cache.get(name)),
    getOrSet: (name: string, load: () => Promise<unknown>, options?: object) =>
      asking('getOrSet', name, () => cache.getOrSet(name, recordedLoad(name, load), options)),
    set: (name: string, value: unknown, options?: object) => {
      const asked = { key: name, value: textOf(value) ?? '' }
      return changing(recorder.begin('set', asked), () => cache.set(name, value, options))
    },
    delete: (name: string) =>
      changing(recorder.begin('delete', { key: name }), () => cache.delete(name)),
    expire: cache.expire.bind(cache),
    invalidateTags: cache.invalidateTags.bind(cache),
    clear: cache.clear.bind(cache),
    close: cache.close.bind(cache),
  }
  return used as UsedCache

  function recordedLoad(key: string, load: () => Promise<unknown>) {
    return async () => {
      const loading = recorder.begin('load', { key, freshMs: 0 })
      try {
        const value = await load()
        const text = textOf(value)
        loading.end(text === undefined ? { is: 'failed' } : { is: 'loaded', value: text })
        return value
      } catch (error) {
        loading.end({ is: 'failed' })
        throw error
      }
    }
  }
}

/** Values are written once each, so the origin of one is its name. */
const textOf = (value: unknown): string | undefined => {
  const { origin } = (value ?? {}) as { readonly origin?: number }
  return origin === undefined ? undefined : String(origin)
}
