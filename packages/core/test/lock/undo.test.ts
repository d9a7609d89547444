import { describe, expect, test } from '@jest/globals'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { abandoned, DEADLINE, undoRoom } from './undo-room.ts'

expectQuietProcess()

describe('an undo of what has run', () => {
  test('releases at once, and is over when the store confirms', async () => {
    const { clock, store, undo } = undoRoom()
    store.occupy('k', 'mine', 30_000)
    undo.start(abandoned)
    const answered = watch(clock, undo.answered())
    await clock.settle()
    expect(store.holders('k')).toEqual([])
    expect(answered.state).toBe('fulfilled')
    expect(store.sent()).toHaveLength(1)
  })

  test.each(['absent', 'taken'])('is over when the token holds nothing: %s', async (state) => {
    const { clock, store, undo } = undoRoom()
    if (state === 'taken') store.occupy('k', 'other', 30_000)
    undo.start(abandoned)
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(1)
  })

  test('keeps no process alive while it has no answer', async () => {
    const { clock, store, undo } = undoRoom()
    store.standingFault = fault.dropReply
    undo.start(abandoned)
    await clock.settle()
    expect(clock.armed).toEqual({ foreground: 0, background: 1 })
  })

  test('is repeated with a back-off from 50 ms to 1 s, until it is answered', async () => {
    const { clock, store, undo, releasedAt } = undoRoom()
    store.occupy('k', 'mine', 60_000)
    store.standingFault = fault.reject(new Error('down'))
    undo.start(abandoned)
    await clock.advance(5000)
    expect(releasedAt()).toEqual([0, 50, 150, 350, 750, 1550, 2550, 3550, 4550])
    store.standingFault = undefined
    await clock.advance(1000)
    expect(store.holders('k')).toEqual([])
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test.each([
    [1, 1500],
    [1000, 3000],
  ])('lasts for as long as a store that counts in %d ms may keep it', async (stepMs, keptMs) => {
    const { clock, store, undo } = undoRoom()
    Object.assign(store, { facts: { ...store.facts, ttlResolutionMs: stepMs } })
    store.standingFault = fault.reject(new Error('down'))
    undo.start({ ...abandoned, ttlMs: 1500 })
    const answered = watch(clock, undo.answered())
    await clock.advance(keptMs - 1)
    expect(answered.state).toBe('pending')
    await clock.advance(1000)
    expect(answered.state).toBe('fulfilled')
  })

  test('ends when its TTL has passed: the store has let go by itself', async () => {
    const { clock, store, undo } = undoRoom()
    store.standingFault = fault.reject(new Error('down'))
    undo.start(abandoned)
    const answered = watch(clock, undo.answered())
    await clock.advance(29_000)
    expect(answered.state).toBe('pending')
    await clock.advance(2000)
    expect(answered.state).toBe('fulfilled')
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test('counts a release without an answer as none', async () => {
    const { clock, store, undo } = undoRoom()
    store.occupy('k', 'mine', 30_000)
    store.next(fault.dropRequest)
    undo.start(abandoned)
    await clock.advance(DEADLINE + 49)
    expect(store.holders('k')).toEqual(['mine'])
    await clock.advance(1)
    expect(store.holders('k')).toEqual([])
  })

  test('survives a store that throws', async () => {
    const { clock, store, undo } = undoRoom()
    store.occupy('k', 'mine', 30_000)
    store.next(fault.throwSync(new Error('not connected')))
    undo.start(abandoned)
    await clock.advance(50)
    expect(store.holders('k')).toEqual([])
  })

  test('pauses in the background: it alone does not keep the process alive', async () => {
    const { clock, store, undo } = undoRoom()
    store.standingFault = fault.reject(new Error('down'))
    undo.start(abandoned)
    await clock.settle()
    expect(clock.armed).toEqual({ foreground: 0, background: 1 })
  })

  test('touches nothing but its own token', async () => {
    const { clock, store, undo } = undoRoom()
    store.occupy('k', 'other', 30_000)
    store.next(fault.reject(new Error('down')))
    undo.start(abandoned)
    await clock.advance(60_000)
    expect(store.sent().map(({ token }) => token)).toEqual(['mine', 'mine'])
  })
})

describe('several undos', () => {
  test('are answered when the last of them is over', async () => {
    const { clock, store, undo } = undoRoom()
    store.occupy('a', 'one', 30_000)
    store.occupy('b', 'two', 30_000)
    store.next(fault.slowReply(100))
    store.next(fault.slowReply(700))
    undo.start({ key: 'a', token: 'one', ttlMs: 30_000 })
    undo.start({ key: 'b', token: 'two', ttlMs: 30_000 })
    const answered = watch(clock, undo.answered())
    await clock.advance(699)
    expect(answered.state).toBe('pending')
    await clock.advance(1)
    expect(answered.state).toBe('fulfilled')
  })

  test('that never were are answered at once', async () => {
    const { clock, undo } = undoRoom()
    const answered = watch(clock, undo.answered())
    await clock.settle()
    expect(answered.state).toBe('fulfilled')
  })
})
