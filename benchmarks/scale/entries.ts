import { HerdCache } from '@locks/herd-cache'
import { redisStore } from '@locks/redis'
import { startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { heapKilobytes } from './heap.ts'

const COUNTS = [1000, 10_000]
/** Others that are there before: the tables of an empty cache are no entries. */
const BEFORE = 1024
const CALLERS = 64
const text = 'x'.repeat(100)

/** What an entry in the process keeps of its heap, by the number of entries. */
export async function entries(): Promise<ReadonlyMap<number, number>> {
  await using server = await startRedis()
  const client = await createClient({ url: server.url }).connect()
  const store = redisStore(client)
  const open = (namespace: string) => {
    const l1 = { max: BEFORE + (COUNTS.at(-1) ?? 1), ttl: '1h' } as const
    const cache = new HerdCache({ store, namespace, ttl: '1h', storeTimeout: '30s', l1 })
    const get = (key: string) => cache.getOrSet(key, async () => ({ key, text }))
    // Loaded, then read until all are kept: not what is heard to change while it is read, by its own load.
    const fill = async (keys: readonly string[]) => {
      for (;;) {
        const { l1Hits } = cache.stats()
        await Promise.all(keys.map(get))
        if (cache.stats().l1Hits - l1Hits === keys.length) return
      }
    }
    return { cache, fill }
  }
  const warm = open('warm')
  for (let i = 0; i < 50; i++) await warm.fill(batchOf(`${i}`))
  await warm.cache.close()
  const { cache, fill } = open('bench')
  for (let i = 0; i < BEFORE / CALLERS; i++) await fill(batchOf(`before-${i}`))
  const before = await heapKilobytes()
  const kilobytes = new Map<number, number>()
  let filled = 0
  for (const count of COUNTS) {
    while (filled < count) {
      const more = Math.min(CALLERS, count - filled)
      await fill(Array.from({ length: more }, (_, at) => `product-${filled + at}`))
      filled += more
    }
    kilobytes.set(count, ((await heapKilobytes()) - before) / count)
  }
  await cache.close()
  client.destroy()
  return kilobytes
}

const batchOf = (name: string): string[] =>
  Array.from({ length: CALLERS }, (_, at) => `${name}-${at}`)
