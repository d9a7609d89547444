import { createLocks, type LeaseStore, type Lock, memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { RespConnection, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { digits, median } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'
import type { Grown } from './grown.ts'
import { heapKilobytes } from './heap.ts'

const COUNTS = [1, 10, 100, 1000, 10_000, 100_000]
const CALLERS = 64
const PAIRS = 2048
const SLICES = 5
const WARM_UP_SLICES = 20

/** With so many locks held. */
interface Figures {
  readonly cpuMicros: number
  readonly kilobytes: number
}

/** What it costs to take and release one more lock, while this process holds many. */
export async function names(): Promise<Grown> {
  await using server = await startRedis()
  using direct = await RespConnection.open(server.port)
  const client = await createClient({ url: server.url }).connect()
  const { figures: onRedis, usedBytes = Number.NaN } = await holdMore(redisStore(client), () =>
    usedMemory(direct),
  )
  client.destroy()
  const { figures: inMemory } = await holdMore(memoryStore())
  const most = COUNTS.at(-1) ?? 1
  const growth = (all: readonly Figures[]) =>
    (all.at(-1)?.cpuMicros ?? Number.NaN) / (all[2]?.cpuMicros ?? Number.NaN)
  return {
    scenario: {
      title: 'scale: names held by one process, of which each is a lock',
      notes: [
        `CPU us: of this process, to acquire and release another name; ${CALLERS} callers, median of ${SLICES} slices`,
        `Redis keeps ${digits(usedBytes / most, 0)} bytes per lock when ${most.toLocaleString('en-US')} are held`,
      ],
      rows: COUNTS.map((held, at) => ({
        held,
        'CPU us, Redis': digits(onRedis[at]?.cpuMicros ?? Number.NaN, 2),
        'CPU us, memory': digits(inMemory[at]?.cpuMicros ?? Number.NaN, 2),
        'KB a lock, Redis': digits(
          held < 100 ? Number.NaN : (onRedis[at]?.kilobytes ?? Number.NaN),
          2,
        ),
      })),
      targets: [
        atMost('CPU of a pair on Redis, 100,000 held over 100', growth(onRedis), 1.5),
        atMost('CPU of a pair in memory, 100,000 held over 100', growth(inMemory), 1.5),
      ],
      violations: [],
      missing: [],
    },
    kilobytes: new Map(
      COUNTS.map((held, at) => [held, onRedis[at]?.kilobytes ?? Number.NaN] as const).filter(
        ([held]) => held >= 100,
      ),
    ),
  }
}

async function holdMore(store: LeaseStore, used?: () => Promise<number>) {
  const locks = createLocks(store, { ttl: '1h', storeTimeout: '30s' })
  const pair = async (name: string) => (await locks.acquire(name)).release()
  for (let slice = 0; slice < WARM_UP_SLICES; slice++) await cpuMicros(pair)
  const held: Lock[] = []
  const before = await heapKilobytes()
  const figures: Figures[] = []
  for (const count of COUNTS) {
    while (held.length < count) {
      const more = Array.from({ length: Math.min(CALLERS, count - held.length) }, (_, at) =>
        locks.acquire(`held-${held.length + at}`),
      )
      held.push(...(await Promise.all(more)))
    }
    const kilobytes = ((await heapKilobytes()) - before) / count
    const slices: number[] = []
    for (let slice = 0; slice < SLICES; slice++) slices.push(await cpuMicros(pair))
    figures.push({ cpuMicros: median(slices), kilobytes })
  }
  if (held.some((lock) => !lock.held)) throw new Error('a lock was lost')
  const usedBytes = await used?.()
  while (held.length > 0) await Promise.all(held.splice(-CALLERS).map((lock) => lock.release()))
  await locks.close()
  return { figures, usedBytes }
}

async function cpuMicros(pair: (name: string) => Promise<unknown>): Promise<number> {
  let left = PAIRS
  const before = process.cpuUsage()
  const work = async () => {
    while (left-- > 0) await pair(`free-${left % 1024}`)
  }
  await Promise.all(Array.from({ length: CALLERS }, work))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / PAIRS
}

async function usedMemory(direct: RespConnection): Promise<number> {
  const info = String(await direct.call('INFO', 'memory'))
  return Number(/used_memory_dataset:(\d+)/.exec(info)?.[1])
}
