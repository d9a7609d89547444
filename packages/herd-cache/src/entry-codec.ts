import { ConflictError, InvalidArgumentError } from '@locks/core'
import type { ValueCodec } from '@locks/core/parts'
import type { CacheParts } from './cache-parts.ts'
import { readValue } from './cached-value.ts'
import { packed } from './entry-writer.ts'
import type { SeenVersion } from './pipeline/seen-version.ts'

/**
 * The entry of `key` as its own cache writes and reads it. A value that is not fresh is none. What is
 * written is as old as `versions`.
 */
export function entryCodec(
  parts: CacheParts,
  key: string,
  keptMsOf: (ttlMs: number) => number,
  versions: readonly SeenVersion[],
): ValueCodec {
  const { client, marks, pipeline } = parts
  return {
    async encode(value, ttlMs) {
      const [[, form] = []] = await packed(pipeline, [[key, value]])
      if (!form) throw new InvalidArgumentError('the value cannot be stored')
      await client.learnTime(key)
      const [isCurrent] = await marks.areCurrent([versions])
      if (!isCurrent) throw new ConflictError('the value was invalidated since it was read')
      const loadStartedAtMs = client.now()
      const softExpiresAtMs = loadStartedAtMs + ttlMs
      const freshness = { softExpiresAtMs, loadStartedAtMs, loadMs: 0, versions }
      return { data: pipeline.stamp(form, freshness), ttlMs: ttlMs + keptMsOf(ttlMs) }
    },
    async decode(data) {
      const cached = await readValue(parts, key, { version: '', data })
      await client.learnTime(key).catch(() => {})
      return cached && client.now() < cached.softExpiresAtMs ? cached.value : undefined
    },
  }
}
