import { HerdCache } from '@locks/herd-cache'
import { redisStore } from '@locks/redis'
import { startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { heapKilobytes } from './heap.ts'

const COUNTS = [100, 1000, 10_000]
const CALLERS = 64
const text = 'x'.repeat(100)

/** What an entry in the process keeps of its heap, by the number of entries. */
export async function entries(): Promise<ReadonlyMap<number, number>> {
  await using server = await startRedis()
  const client = await createClient({ url: server.url }).connect()
  const l1 = { max: COUNTS.at(-1) ?? 1, ttl: '1h' } as const
  const cache = new HerdCache({ store: redisStore(client), namespace: 'bench', ttl: '1h', l1 })
  const get = (key: string) => cache.getOrSet(key, async () => ({ key, text }))
  for (let i = 0; i < 500; i++) await get('warm')
  const before = heapKilobytes()
  const kilobytes = new Map<number, number>()
  let filled = 0
  for (const count of COUNTS) {
    while (filled < count) {
      const more = Math.min(CALLERS, count - filled)
      await Promise.all(Array.from({ length: more }, (_, at) => get(`product-${filled + at}`)))
      filled += more
    }
    kilobytes.set(count, (heapKilobytes() - before) / count)
  }
  await cache.close()
  client.destroy()
  return kilobytes
}
