import { describe, expect, jest, test } from '@jest/globals'
import { AbortHub, Interrupt } from '../src/interrupt.ts'
import { expectQuietProcess } from './helpers/quiet-process.ts'

expectQuietProcess()

describe('an interrupt', () => {
  test('tells every listener its reason, once', () => {
    const interrupt = new Interrupt()
    const listeners = [jest.fn(), jest.fn()]
    for (const listener of listeners) interrupt.onTrip(listener)
    interrupt.trip('first')
    interrupt.trip('second')
    for (const listener of listeners) expect(listener.mock.calls).toEqual([['first']])
  })

  test('tells nobody who has stopped listening', () => {
    const interrupt = new Interrupt()
    const listener = jest.fn()
    const stop = interrupt.onTrip(listener)
    stop()
    interrupt.trip('reason')
    expect(listener).not.toHaveBeenCalled()
  })

  test('throws its first reason from then on, also a falsy one', () => {
    const interrupt = new Interrupt()
    expect(() => interrupt.throwIfTripped()).not.toThrow()
    interrupt.trip(undefined)
    interrupt.trip('second')
    let thrown: unknown = 'nothing'
    try {
      interrupt.throwIfTripped()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeUndefined()
  })

  test('lets its listeners stop each other while it tells them', () => {
    const interrupt = new Interrupt()
    const second = jest.fn()
    interrupt.onTrip(() => stop())
    const stop = interrupt.onTrip(second)
    interrupt.trip('reason')
    expect(second).not.toHaveBeenCalled()
  })
})

describe('the abort hub', () => {
  test('trips with the reason of the signal', () => {
    const controller = new AbortController()
    const interrupt = new Interrupt()
    const tripped = jest.fn()
    interrupt.onTrip(tripped)
    new AbortHub().connect(controller.signal, interrupt)
    expect(tripped).not.toHaveBeenCalled()
    controller.abort('enough')
    expect(tripped.mock.calls).toEqual([['enough']])
  })

  test('trips at once for a signal that has aborted', () => {
    const interrupt = new Interrupt()
    new AbortHub().connect(AbortSignal.abort('before'), interrupt)
    expect(() => interrupt.throwIfTripped()).toThrow('before')
  })

  test('leaves an interrupt alone that was disconnected', () => {
    const controller = new AbortController()
    const interrupt = new Interrupt()
    const disconnect = new AbortHub().connect(controller.signal, interrupt)
    disconnect()
    controller.abort()
    expect(() => interrupt.throwIfTripped()).not.toThrow()
  })

  test('puts one listener on a signal for 1 000 interrupts', () => {
    const controller = new AbortController()
    const added = jest.spyOn(controller.signal, 'addEventListener')
    const hub = new AbortHub()
    const interrupts = Array.from({ length: 1000 }, () => new Interrupt())
    for (const interrupt of interrupts) hub.connect(controller.signal, interrupt)
    expect(added).toHaveBeenCalledTimes(1)
    controller.abort('all')
    for (const interrupt of interrupts) expect(() => interrupt.throwIfTripped()).toThrow('all')
  })

  test('keeps the listener for interrupts that come after all others have gone', () => {
    const controller = new AbortController()
    const added = jest.spyOn(controller.signal, 'addEventListener')
    const hub = new AbortHub()
    for (let round = 0; round < 100; round++) hub.connect(controller.signal, new Interrupt())()
    const last = new Interrupt()
    hub.connect(controller.signal, last)
    expect(added).toHaveBeenCalledTimes(1)
    controller.abort('last')
    expect(() => last.throwIfTripped()).toThrow('last')
  })

  test('keeps signals apart', () => {
    const [one, other] = [new AbortController(), new AbortController()]
    const [mine, theirs] = [new Interrupt(), new Interrupt()]
    const hub = new AbortHub()
    hub.connect(one.signal, mine)
    hub.connect(other.signal, theirs)
    one.abort('one')
    expect(() => mine.throwIfTripped()).toThrow('one')
    expect(() => theirs.throwIfTripped()).not.toThrow()
  })
})
