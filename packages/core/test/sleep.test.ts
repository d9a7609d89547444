import { describe, expect, test } from '@jest/globals'
import { Interrupt } from '../src/interrupt.ts'
import { sleep } from '../src/sleep.ts'
import { ManualClock } from './helpers/manual-clock.ts'
import { expectQuietProcess } from './helpers/quiet-process.ts'
import { watch } from './helpers/settling.ts'

expectQuietProcess()

describe('a sleep', () => {
  test('ends after its delay and not before', async () => {
    const clock = new ManualClock()
    const slept = watch(clock, sleep(clock, 100, new Interrupt()))
    await clock.advance(99)
    expect(slept.state).toBe('pending')
    await clock.advance(1)
    expect(slept.state).toBe('fulfilled')
  })

  test('ends at once with the reason of its interrupt, and takes its timer along', async () => {
    const clock = new ManualClock()
    const interrupt = new Interrupt()
    const slept = watch(clock, sleep(clock, 100, interrupt))
    interrupt.trip('enough')
    await clock.settle()
    expect(slept).toMatchObject({ state: 'rejected', error: 'enough' })
    expect(clock.armed.foreground).toBe(0)
  })

  test('does not begin when its interrupt has tripped', async () => {
    const clock = new ManualClock()
    const interrupt = new Interrupt()
    interrupt.trip('before')
    const slept = watch(clock, sleep(clock, 100, interrupt))
    await clock.settle()
    expect(slept).toMatchObject({ state: 'rejected', error: 'before' })
  })

  test('that is over no longer listens to its interrupt', async () => {
    const clock = new ManualClock()
    const interrupt = new Interrupt()
    const slept = watch(clock, sleep(clock, 100, interrupt))
    await clock.advance(100)
    interrupt.trip('too late')
    await clock.settle()
    expect(slept.state).toBe('fulfilled')
  })

  test('keeps the process alive: somebody waits for it', () => {
    const clock = new ManualClock()
    void sleep(clock, 100, new Interrupt())
    expect(clock.armed).toEqual({ foreground: 1, background: 0 })
  })
})
