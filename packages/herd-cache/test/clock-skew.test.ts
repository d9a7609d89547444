import { describe, expect, test } from '@jest/globals'
import { machineClock, START_MS } from './helpers/machine-clock.ts'
import { callers, slowLoader, type TestProcess, World } from './helpers/world.ts'

const HOUR_MS = 3_600_000
const TIMES = { ttl: 1000, grace: 500 } as const
const skews = [-HOUR_MS, -500, 0, 500, HOUR_MS]

const skewed = (world: World, skewMs: number): TestProcess =>
  world.start({
    ...TIMES,
    machine: { wallMs: START_MS + skewMs, bootedMs: 77_777 + skewMs },
  })

/** One command that the store answers with its time. */
const hearTheTime = ({ cache }: TestProcess) => cache.set('another', 'v')

describe('wall clocks that are wrong by up to an hour', () => {
  test.each(skews.flatMap((writer) => skews.map((reader) => [writer, reader])))(
    'writer %d ms, reader %d ms: fresh and stale are the store’s',
    async (writerMs = 0, readerMs = 0) => {
      const world = new World(12_345)
      const [writer, reader] = [skewed(world, writerMs), skewed(world, readerMs)]
      await hearTheTime(writer)
      await hearTheTime(reader)
      await writer.cache.set('set', 'v')
      await writer.cache.getOrSet('loaded', () => 'v')
      const load = slowLoader(world.clock, 0, 'new')
      await world.clock.advance(999)
      for (const key of ['set', 'loaded']) {
        expect(await reader.cache.get(key)).toBe('v')
        expect(await reader.cache.getOrSet(key, load)).toBe('v')
      }
      await world.clock.settle()
      expect(load.calls).toBe(0)
      await world.clock.advance(1)
      for (const key of ['set', 'loaded']) {
        expect(await reader.cache.get(key)).toBeUndefined()
        expect(await reader.cache.getOrSet(key, load)).toBe('v')
      }
      await world.clock.settle()
      expect(load.calls).toBe(2)
      expect(await writer.cache.get('loaded')).toBe('new')
    },
  )

  test.each(skews)(
    '%d ms: what a first load stores is fresh for its ttl everywhere',
    async (ms) => {
      const world = new World()
      const [loading, reader] = [skewed(world, ms), skewed(world, 0)]
      await loading.cache.getOrSet('k', () => 'v')
      await world.clock.advance(999)
      expect(await reader.cache.get('k')).toBe('v')
      await world.clock.advance(1)
      expect(await reader.cache.get('k')).toBeUndefined()
    },
  )

  test.each(skews)('%d ms: who has only read knows what is stale', async (ms) => {
    const world = new World()
    await skewed(world, 0).cache.set('k', 'v')
    const reader = skewed(world, ms)
    await world.clock.advance(1000)
    expect(await reader.cache.get('k')).toBeUndefined()
    expect(await reader.cache.get('k')).toBeUndefined()
    expect(reader.link.sentOf('lease')).toHaveLength(1)
  })

  test('that are set later change nothing once the store’s time is known', async () => {
    const world = new World()
    const clock = machineClock(world.clock, {})
    let stepMs = 0
    const process = world.start({
      ...TIMES,
      clock: { ...clock, wall: () => clock.wall() + stepMs },
    })
    await hearTheTime(process)
    stepMs = HOUR_MS
    await process.cache.set('k', 'v')
    expect(await process.cache.get('k')).toBe('v')
    stepMs = -HOUR_MS
    await world.clock.advance(1000)
    expect(await process.cache.get('k')).toBeUndefined()
  })

  test('a slow reply makes values stale early by what it took, and never late', async () => {
    const world = new World()
    const process = world.start(TIMES)
    process.link.once('write', { replyMs: 200 })
    await world.clock.until(hearTheTime(process))
    const exact = world.start(TIMES)
    await exact.cache.set('k', 'v')
    await world.clock.advance(1000)
    expect(await process.cache.get('k')).toBeUndefined()
  })
})

describe('a process that only reads, for minutes, with a clock that is 0.5 % too slow', () => {
  const READS = 300

  async function readForMinutes() {
    const world = new World()
    const reader = world.start({ ttl: '1h', grace: '1m', machine: { rate: 0.995 } })
    const writer = world.start({ ttl: '1h', grace: '1m' })
    await hearTheTime(reader)
    await writer.cache.set('k', 'v')
    for (let read = 0; read < READS; read++) {
      await world.clock.advance(1000)
      expect(await reader.cache.get('k')).toBe('v')
    }
    return { world, reader, writer }
  }

  test('takes nothing for fresh that was made stale', async () => {
    const { reader, writer } = await readForMinutes()
    await writer.cache.expire('k')
    expect(await reader.cache.get('k')).toBeUndefined()
    expect((await reader.cache.getEntry('k'))?.state).toBe('stale')
  })

  test('asks for the time every 25 s, once for all who read by then', async () => {
    const { world, reader } = await readForMinutes()
    const asked = reader.link.sentOf('lease').length
    expect(asked).toBeGreaterThanOrEqual(10)
    expect(asked).toBeLessThanOrEqual(12)
    await world.clock.advance(26_000)
    await Promise.all(callers(5, () => reader.cache.get('k')))
    expect(reader.link.sentOf('lease')).toHaveLength(asked + 1)
  })
})
