import { describe, expect, test } from '@jest/globals'
import { machineClock, START_MS } from './helpers/machine-clock.ts'
import { slowLoader, type TestProcess, World } from './helpers/world.ts'

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
