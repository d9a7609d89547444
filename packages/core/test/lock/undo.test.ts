import { describe, expect, test } from '@jest/globals'
import { Interrupt } from '../../src/interrupt.ts'
import { LeaseClient } from '../../src/lock/lease-client.ts'
import { Undo } from '../../src/lock/undo.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { watch } from '../helpers/settling.ts'
import { fault, StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

const DEADLINE = 2000
const abandoned = { key: 'k', token: 'mine', ttlMs: 30_000 }

function undoRoom() {
  const clock = new ManualClock()
  const store = new StepStore(clock)
  const leases = new LeaseClient(store, clock, DEADLINE)
  const undo = new Undo(leases, clock, new SeededRandom(1, 1))
  /** When releases were sent, from the first. */
  const releasedAt = () => {
    const sent = store.sent('release').map(({ sentAtMs }) => sentAtMs)
    return sent.map((ms) => ms - (sent[0] ?? 0))
  }
  const acquire = () => {
    const sent = leases.acquire(abandoned, new Interrupt())
    watch(clock, sent.reply)
    return sent
  }
  return { clock, store, leases, undo, releasedAt, acquire }
}

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

describe('an undo of a place in the queue', () => {
  const place = { ...abandoned, queued: true }

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
