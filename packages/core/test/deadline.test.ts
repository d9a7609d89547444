import { describe, expect, test } from '@jest/globals'
import { withDeadline } from '../src/deadline.ts'
import { ConflictError, isLocksError, StoreUnavailableError } from '../src/errors.ts'
import { Interrupt } from '../src/interrupt.ts'
import { ManualClock } from './helpers/manual-clock.ts'
import { expectQuietProcess } from './helpers/quiet-process.ts'
import { watch } from './helpers/settling.ts'

expectQuietProcess()

const never = () => new Promise<string>(() => {})

describe('a store call with a deadline', () => {
  test('gives its reply and takes its timer along', async () => {
    const clock = new ManualClock()
    expect(await withDeadline(clock, 2000, Promise.resolve('reply'))).toBe('reply')
    expect(clock.armed.foreground).toBe(0)
  })

  test('is given up at the deadline and not before', async () => {
    const clock = new ManualClock()
    const called = watch(clock, withDeadline(clock, 2000, never()))
    await clock.advance(1999)
    expect(called.state).toBe('pending')
    await clock.advance(1)
    expect(called.error).toBeInstanceOf(StoreUnavailableError)
    expect(String(called.error)).toContain('within 2000 ms')
  })

  test('turns a rejection into an error of the library', async () => {
    const clock = new ManualClock()
    const called = watch(clock, withDeadline(clock, 2000, Promise.reject(new Error('reset'))))
    await clock.settle()
    expect(called.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(String(called.error)).toContain('reset')
    expect(clock.armed.foreground).toBe(0)
  })

  test('passes an error of the library on as it is', async () => {
    const clock = new ManualClock()
    const conflict = new ConflictError('foreign data')
    const called = watch(clock, withDeadline(clock, 2000, Promise.reject(conflict)))
    await clock.settle()
    expect(called.error).toBe(conflict)
  })

  test('ends at once with the reason of its interrupt, and takes its timer along', async () => {
    const clock = new ManualClock()
    const interrupt = new Interrupt()
    const called = watch(clock, withDeadline(clock, 2000, never(), interrupt))
    interrupt.trip('enough')
    await clock.settle()
    expect(called).toMatchObject({ state: 'rejected', error: 'enough' })
    expect(clock.armed.foreground).toBe(0)
  })

  test('that is over no longer listens to its interrupt', async () => {
    const clock = new ManualClock()
    const interrupt = new Interrupt()
    const called = watch(clock, withDeadline(clock, 2000, Promise.resolve('reply'), interrupt))
    await clock.settle()
    interrupt.trip('too late')
    await clock.settle()
    expect(called).toMatchObject({ state: 'fulfilled', value: 'reply' })
  })

  test('that fails after its deadline fails unseen', async () => {
    const clock = new ManualClock()
    const call = new Promise<string>((_, reject) => clock.after(5000, () => reject(new Error('x'))))
    const called = watch(clock, withDeadline(clock, 2000, call))
    await clock.advance(6000)
    expect(String(called.error)).toContain('within 2000 ms')
  })

  const hostile = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('a getter of the client')
    },
  })
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'reset'],
    ['a symbol', Symbol('reset')],
    ['an object without a prototype', Object.create(null)],
    ['an error whose message is no text', Object.assign(new Error(), { message: { a: 1 } })],
    ['an error without a message', Object.assign(new Error(), { message: undefined })],
    ['an error whose code is a symbol', Object.assign(new Error('x'), { code: Symbol('x') })],
    ['an error whose message cannot be read', hostile],
  ])('settles whatever the client rejects with: %s', async (_what, reason) => {
    const clock = new ManualClock()
    const called = watch(clock, withDeadline(clock, 2000, Promise.reject(reason)))
    await clock.advance(2000)
    expect(called.state).toBe('rejected')
    expect(isLocksError(called.error)).toBe(true)
  })
})
