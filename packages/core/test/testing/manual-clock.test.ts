import { expect, test } from '@jest/globals'
import { manualClock } from '../../src/testing/index.ts'
import { rejectionOf } from '../helpers/settling.ts'

test('time stands still until it is moved', async () => {
  const clock = manualClock()
  let fired = false
  clock.after(1, () => {
    fired = true
  })
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(fired).toBe(false)
  await clock.advance(1)
  expect(fired).toBe(true)
  expect(clock.elapsed).toBe(1)
})

test('timers run in order of time, then of arming, each at its own time', async () => {
  const clock = manualClock()
  const ran: [string, number][] = []
  const arm = (name: string, delayMs: number) =>
    clock.after(delayMs, () => ran.push([name, clock.elapsed]))
  arm('late', 20)
  arm('first', 10)
  arm('second', 10)
  await clock.advance(30)
  expect(ran).toEqual([
    ['first', 10],
    ['second', 10],
    ['late', 20],
  ])
})

test('what follows from a timer has happened before the next one runs', async () => {
  const clock = manualClock()
  const steps: string[] = []
  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve))
  const work = async () => {
    await wait(10)
    steps.push('a')
    await null
    await wait(5)
    steps.push('b')
  }
  const done = work()
  clock.after(15, () => steps.push('c'))
  await clock.advance(15)
  await done
  expect(steps).toEqual(['a', 'c', 'b'])
})

test('a cancelled timer does not run, and is not armed', async () => {
  const clock = manualClock()
  const cancel = clock.after(1, () => {
    throw new Error('not reached')
  })
  clock.after(5, () => {}, { background: true })
  expect(clock.armed).toEqual({ foreground: 1, background: 1 })
  cancel()
  expect(clock.armed).toEqual({ foreground: 0, background: 1 })
  await clock.advance(1)
})

test('until stops at the moment of the settling', async () => {
  const clock = manualClock()
  const value = new Promise<string>((resolve) => clock.after(700, () => resolve('v')))
  clock.after(900, () => {
    throw new Error('too far')
  })
  expect(await clock.until(value)).toBe('v')
  expect(clock.elapsed).toBe(700)
})

test('until rejects as the promise does, and when nothing can settle it', async () => {
  const clock = manualClock()
  const error = new Error('no')
  expect(await rejectionOf(clock.until(Promise.reject(error)))).toBe(error)
  const never = new Promise<void>(() => {})
  await expect(clock.until(never)).rejects.toThrow('no timer is left')
})

test('a blocked loop runs its overdue timers late', async () => {
  const clock = manualClock()
  let ranAt = 0
  clock.after(10, () => {
    ranAt = clock.elapsed
  })
  clock.block(100)
  await clock.settle()
  expect(ranAt).toBe(100)
})

test('the machine’s clock may be set: the monotonic one does not move', () => {
  const clock = manualClock()
  const [wallMs, nowMs] = [clock.wall(), clock.now()]
  clock.stepWall(-3_600_000)
  expect(clock.wall()).toBe(wallMs - 3_600_000)
  expect(clock.now()).toBe(nowMs)
})
