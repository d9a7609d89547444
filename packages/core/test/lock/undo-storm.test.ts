import { describe, expect, test } from '@jest/globals'
import { UNDOS_AT_ONCE } from '../../src/lock/undo-lane.ts'
import { engineRoom } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { DEADLINE, undoRoom } from './undo-room.ts'

expectQuietProcess()

const MANY = 3 * UNDOS_AT_ONCE
const down = fault.reject(new Error('down'))

/** Undos of as many tokens, each of a name of its own. */
function startMany({ store, undo }: ReturnType<typeof undoRoom>, count = MANY): void {
  for (let i = 0; i < count; i++) {
    store.occupy(`k${i}`, `t${i}`, 30_000)
    undo.start({ key: `k${i}`, token: `t${i}`, ttlMs: 30_000 })
  }
}

describe('very many undos', () => {
  test('are so many at a time while there is no answer', async () => {
    const room = undoRoom()
    room.store.standingFault = fault.dropReply
    startMany(room)
    await room.clock.advance(DEADLINE - 1)
    expect(room.store.sent()).toHaveLength(UNDOS_AT_ONCE)
  })

  test('follow upon the answers to those before them', async () => {
    const room = undoRoom()
    startMany(room)
    const answered = watch(room.clock, room.undo.answered())
    await room.clock.settle()
    expect(answered.state).toBe('fulfilled')
    expect(new Set(room.store.sent().map(({ token }) => token)).size).toBe(MANY)
    expect(room.store.sent()).toHaveLength(MANY)
  })

  test('are all answered when the store is back', async () => {
    const room = undoRoom()
    room.store.standingFault = fault.dropRequest
    startMany(room)
    await room.clock.advance(2 * DEADLINE)
    room.store.standingFault = undefined
    const answered = watch(room.clock, room.undo.answered())
    await room.clock.advance(2 * DEADLINE)
    expect(answered.state).toBe('fulfilled')
    for (let i = 0; i < MANY; i++) expect(room.store.holders(`k${i}`)).toEqual([])
    expect(room.clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('cost no more commands than so many that are repeated', async () => {
    const room = undoRoom()
    room.store.standingFault = down
    startMany(room, 10 * UNDOS_AT_ONCE)
    await room.clock.advance(10_000)
    const before = room.store.sent().length
    await room.clock.advance(5000)
    expect(room.store.sent().length - before).toBeLessThanOrEqual(5 * UNDOS_AT_ONCE + UNDOS_AT_ONCE)
  })

  test('that have no answer let a new one go before their repeats', async () => {
    const room = undoRoom()
    room.store.standingFault = down
    startMany(room, 2 * UNDOS_AT_ONCE)
    await room.clock.advance(60)
    room.undo.start({ key: 'new', token: 'new', ttlMs: 30_000 })
    await room.clock.settle()
    const before = room.store.sent().length
    while (room.store.sent().length === before) await room.clock.advance(1)
    expect(room.store.sent()[before]?.token).toBe('new')
  })

  test('of which the time is over end without a command', async () => {
    const room = undoRoom()
    room.store.standingFault = fault.dropReply
    startMany(room)
    room.clock.block(60_000)
    const answered = watch(room.clock, room.undo.answered())
    await room.clock.advance(60_000)
    expect(answered.state).toBe('fulfilled')
    expect(room.store.sent()).toHaveLength(UNDOS_AT_ONCE)
  })

  test('end with a close when nobody answers', async () => {
    const room = undoRoom()
    room.store.standingFault = down
    startMany(room)
    const answered = watch(room.clock, room.undo.answered())
    await room.clock.settle()
    room.undo.close()
    await room.clock.advance(1000)
    expect(answered.state).toBe('fulfilled')
    expect(room.store.sent()).toHaveLength(UNDOS_AT_ONCE)
    expect(room.clock.armed).toEqual({ foreground: 0, background: 0 })
  })
})

describe('an undo behind a close', () => {
  test('is repeated if its answer was lost', async () => {
    const { clock, store, undo } = undoRoom()
    store.occupy('k', 'mine', 30_000)
    store.next(fault.dropRequest)
    store.next(fault.dropRequest)
    undo.start({ key: 'k', token: 'mine', ttlMs: 30_000 })
    undo.close()
    await clock.advance(3 * DEADLINE)
    expect(store.holders('k')).toEqual([])
  })

  test('goes on while others are answered', async () => {
    const room = undoRoom()
    room.store.standingFault = down
    startMany(room, UNDOS_AT_ONCE - 1)
    await room.clock.settle()
    room.store.standingFault = undefined
    room.undo.close()
    await room.clock.advance(1000)
    for (let i = 0; i < UNDOS_AT_ONCE - 1; i++) expect(room.store.holders(`k${i}`)).toEqual([])
  })

  test('of very many locks, without a store, ends when the close is over', async () => {
    const { locks, store, clock } = engineRoom()
    for (let i = 0; i < MANY; i++) await locks.acquire(`n${i}`)
    store.standingFault = down
    const closed = watch(clock, locks.close())
    await clock.advance(DEADLINE)
    expect(closed.state).toBe('fulfilled')
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })
})
