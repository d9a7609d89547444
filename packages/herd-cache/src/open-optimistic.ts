import type { Name, OptimisticValue } from '@locks/core'
import { VersionedValue } from '@locks/core/parts'
import type { CacheMachine } from './cache-machine.ts'
import { entryCodec } from './entry-codec.ts'
import type { EntryOptions } from './entry-options.ts'

/** The entry of `name`, to be replaced by version. @throws StoreUnavailableError */
export async function openOptimistic<T>(
  { entrance, fetcher, parts }: CacheMachine,
  name: Name,
  options: EntryOptions,
): Promise<OptimisticValue<T>> {
  const key = entrance.key(name)
  const { ttlMs, keptMs, tags } = entrance.settings(options)
  const keptMsOf = (ttl: number) => entrance.settings({ ...options, ttl }).keptMs
  await parts.client.catchUp([key])
  // Before the value is read: what replaces it is no newer than that.
  const versions = await parts.marks.take(tags, ttlMs + keptMs)
  const value = await VersionedValue.open<T>(parts.client.versioned(key), parts.random, {
    name: key,
    absentIsVersion: true,
    ttl: ttlMs,
    codec: entryCodec(parts, key, keptMsOf, versions),
  })
  return {
    name: value.name,
    get value() {
      return value.value
    },
    async cas(next, casOptions) {
      parts.closing.throwIfTripped()
      try {
        return await value.cas(next, casOptions)
      } finally {
        fetcher.detach(key)
      }
    },
  }
}
