import { describe, expect, test } from '@jest/globals'
import { StoreClock } from '../src/store-clock.ts'
import { ManualClock } from './helpers/manual-clock.ts'

describe('the store clock', () => {
  test('bounds no command before the first reply', () => {
    expect(new StoreClock(new ManualClock()).notAfterMs(2000)).toBeUndefined()
  })

  test('bounds no command when the store tells no time', () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    storeClock.learn(undefined, clock.now())
    expect(storeClock.notAfterMs(2000)).toBeUndefined()
  })

  test('bounds a command by the store time at its deadline', async () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    storeClock.learn(9_000_000, clock.now())
    expect(storeClock.notAfterMs(2000)).toBe(9_002_000)
    await clock.advance(500)
    // And 1 % of what has passed, for clocks that run at different rates.
    expect(storeClock.notAfterMs(2000)).toBe(9_002_505)
  })

  test('counts from the sending, so it is never behind the store', async () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    const sentAtMs = clock.now()
    await clock.advance(80)
    // Ran 30 ms after the sending, answered 50 ms later: the store is at 9 000 080 by now.
    storeClock.learn(9_000_030, sentAtMs)
    expect(storeClock.now()).toBe(9_000_110)
  })

  test('bounds in whole milliseconds, rounded up: no command in time is refused', async () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    storeClock.learn(9_000_000, clock.now())
    await clock.advance(0.25)
    expect(storeClock.notAfterMs(10)).toBe(9_000_011)
  })

  test('believes the latest reply that tells the time', async () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    storeClock.learn(9_000_000, clock.now())
    storeClock.learn(8_000_000, clock.now())
    storeClock.learn(undefined, clock.now())
    expect(storeClock.now()).toBe(8_000_000)
  })

  test('tells the time of the machine until the store has told its own', async () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    expect(storeClock.now()).toBe(clock.wall())
    storeClock.learn(9_000_000, clock.now())
    clock.stepWall(60_000)
    expect(storeClock.now()).toBe(9_000_000)
  })

  test('does not care when the machine’s clock is set', async () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    storeClock.learn(9_000_000, clock.now())
    clock.stepWall(-3_600_000)
    expect(storeClock.notAfterMs(2000)).toBe(9_002_000)
  })

  test('knows how far it may be off: by 1 % of what has passed since the latest reply', async () => {
    const clock = new ManualClock()
    const storeClock = new StoreClock(clock)
    expect(storeClock.driftMs).toBe(Number.POSITIVE_INFINITY)
    storeClock.learn(9_000_000, clock.now())
    expect(storeClock.driftMs).toBe(0)
    await clock.advance(30_000)
    expect(storeClock.driftMs).toBe(300)
    storeClock.learn(9_030_000, clock.now())
    expect(storeClock.driftMs).toBe(0)
  })
})
