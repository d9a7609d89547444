import { describe, expect, test } from '@jest/globals'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { abandoned, DEADLINE, undoRoom } from './undo-room.ts'

expectQuietProcess()

describe('an undo of what may still run', () => {
  test('is not over while the command is on its way, though the token holds nothing', async () => {
    const { clock, store, undo, acquire } = undoRoom()
    store.next(fault.runLateUnseen(10_000), 'acquire')
    const sent = acquire()
    undo.start(abandoned, sent)
    await clock.advance(9999)
    expect(store.holders('k')).toEqual([])
    await clock.advance(1)
    expect(store.holders('k')).toEqual(['mine'])
    await clock.advance(1000)
    expect(store.holders('k')).toEqual([])
  })

  test('looks again the moment the command is answered', async () => {
    const { clock, store, undo, acquire } = undoRoom()
    store.next(fault.runLate(10_000), 'acquire')
    undo.start(abandoned, acquire())
    await clock.advance(10_000)
    expect(store.sent('acquire')[0]?.ranAtMs).toBe(clock.now())
    expect(store.holders('k')).toEqual([])
  })

  test('is over with the first release after the command was answered', async () => {
    const { clock, store, undo, leases, acquire } = undoRoom()
    await leases.release({ key: 'k', token: 'somebody' }).reply
    store.next(fault.runLate(2500), 'acquire')
    const sent = acquire()
    undo.start(abandoned, sent)
    await clock.advance(2499)
    const before = store.sent('release').length
    await clock.advance(60_000)
    expect(await sent.outcome).toMatchObject({ state: 'late' })
    expect(store.sent('release')).toHaveLength(before + 1)
  })

  test('is not over because its connection broke: what was written may still be read', async () => {
    const { clock, store, undo, acquire } = undoRoom()
    store.next(fault.reject(new Error('ECONNRESET')), 'acquire')
    undo.start(abandoned, acquire())
    await clock.advance(5000)
    expect(store.sent('release').length).toBeGreaterThan(5)
  })

  test('is over once the store itself refuses the command, where its time is known', async () => {
    const { clock, store, undo, leases, acquire } = undoRoom()
    await leases.release({ key: 'k', token: 'somebody' }).reply
    store.next(fault.dropRequest, 'acquire')
    const sent = acquire()
    expect(sent.notAfterMs).toBe(store.nowMs() + DEADLINE)
    undo.start(abandoned, sent)
    const tries = () => store.sent('release').length
    await clock.advance(2 * DEADLINE)
    const early = tries()
    await clock.advance(2 * DEADLINE)
    const late = tries()
    expect(late).toBeGreaterThan(early)
    await clock.advance(60_000)
    expect(tries()).toBe(late)
  })

  test('goes on for its TTL where the store’s time is not known', async () => {
    const { clock, store, undo, acquire } = undoRoom()
    store.tellsTime = false
    store.next(fault.dropRequest, 'acquire')
    undo.start(abandoned, acquire())
    const tries = () => store.sent('release').length
    await clock.advance(20_000)
    const early = tries()
    await clock.advance(20_000)
    const late = tries()
    expect(late).toBeGreaterThan(early)
    await clock.advance(60_000)
    expect(tries()).toBe(late)
  })

  test('begins again when the answer comes after all that: nothing bounds such a command', async () => {
    const { clock, store, undo, acquire } = undoRoom()
    store.tellsTime = false
    store.next(fault.runLate(100_000), 'acquire')
    undo.start(abandoned, acquire())
    await clock.advance(99_000)
    const before = store.sent('release').length
    await clock.advance(5000)
    expect(store.holders('k')).toEqual([])
    expect(store.sent('release')).toHaveLength(before + 1)
  })

  test('outlasts the moment in which a command with a short TTL can still run', async () => {
    const { clock, store, undo, leases, acquire } = undoRoom()
    await leases.release({ key: 'k', token: 'somebody' }).reply
    store.next(fault.runLateUnseen(1900), 'acquire')
    undo.start({ ...abandoned, ttlMs: 150 }, acquire())
    await clock.advance(1900)
    expect(store.holders('k')).toEqual(['mine'])
    await clock.advance(1000)
    expect(store.holders('k')).toEqual([])
  })
})

describe('an undo of a place in the queue', () => {
  const place = { ...abandoned, outlastsTtl: true }

  test('outlasts the TTL, and ends with the first answer', async () => {
    const { clock, store, undo } = undoRoom()
    store.standingFault = fault.reject(new Error('down'))
    undo.start(place)
    const answered = watch(clock, undo.answered())
    await clock.advance(120_000)
    expect(answered.state).toBe('pending')
    store.standingFault = undefined
    await clock.advance(1000)
    expect(answered.state).toBe('fulfilled')
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test('leaves it although a stall has outlasted the TTL', async () => {
    const { clock, store, undo, leases, acquire } = undoRoom()
    await leases.release({ key: 'k', token: 'somebody' }).reply
    store.next(fault.dropRequest, 'acquire')
    const sent = acquire()
    clock.block(120_000)
    undo.start(place, sent)
    await clock.settle()
    expect(store.sent('release').at(-1)?.token).toBe('mine')
  })

  test('costs one command at a time, however many places an outage has left', async () => {
    const { clock, store, undo } = undoRoom()
    store.standingFault = fault.reject(new Error('down'))
    for (let i = 0; i < 50; i++) undo.start({ ...place, token: `t${i}` })
    await clock.advance(60_000)
    const before = store.sent().length
    await clock.advance(10_000)
    expect(store.sent().length - before).toBeLessThanOrEqual(11)
    store.standingFault = undefined
    await clock.advance(1000)
    expect(new Set(store.sent().map(({ token }) => token)).size).toBe(50)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('ends with a close', async () => {
    const { clock, store, undo } = undoRoom()
    store.standingFault = fault.reject(new Error('down'))
    undo.start(place)
    await clock.advance(60_000)
    undo.close()
    await clock.advance(1000)
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
  })
})
