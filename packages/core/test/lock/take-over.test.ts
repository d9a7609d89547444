import { describe, expect, test } from '@jest/globals'
import { Interrupt } from '../../src/interrupt.ts'
import type { Wanted } from '../../src/lock/attempt.ts'
import { createEngine } from '../../src/lock/create-engine.ts'
import type { Grant } from '../../src/lock/grant.ts'
import { takeOver } from '../../src/lock/take-over.ts'
import { KEY } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { StepStore } from '../helpers/step-store.ts'

const TTL_MS = 10_000
const WANTED = { name: 'n', key: KEY, ttlMs: TTL_MS, graceMs: 0 } as Wanted

/** Granted `queuedMs` after it was queued, by the store's clock; here `arrivedMs` after it was asked for. */
async function pushed(queuedMs: number, arrivedMs: number) {
  const clock = new ManualClock()
  const sentAtMs = clock.now()
  const store = new StepStore(clock)
  const nobody = { holds: () => false, fenceOf: () => 0, stolen: () => {} }
  const engine = createEngine(store, 'locks', { clock }, nobody)
  await clock.advance(arrivedMs)
  const receivedAtMs = clock.now()
  store.occupy(KEY, 'mine', TTL_MS)
  const enqueuedAtMs = store.nowMs()
  const grantedAtMs = enqueuedAtMs + queuedMs
  const grant = {
    key: KEY,
    token: 'mine',
    fence: 1,
    remainingMs: TTL_MS,
    enqueuedAtMs,
    grantedAtMs,
  }
  const asked = { sentAtMs, connection: engine.inbox.connection }
  const taken = await takeOver(engine, WANTED, asked, { grant, receivedAtMs }, new Interrupt())
  return { store, sentAtMs, ...(taken as Grant) }
}

describe('a pushed grant', () => {
  test('counts from when it was asked for and what the store counted since', async () => {
    const { store, sentAtMs, validUntilMs } = await pushed(700, 1000)
    expect(validUntilMs).toBeLessThan(sentAtMs + 700 + TTL_MS)
    expect(store.log).toEqual([])
  })

  test('of a store that counts whole milliseconds may seem to be younger than its arrival', async () => {
    const { store } = await pushed(1001, 1000)
    expect(store.log).toEqual([])
  })

  test('that the store says to have queued for longer than since it was asked for is confirmed', async () => {
    const { store } = await pushed(20_000, 1000)
    expect(store.sent('extend')).toHaveLength(1)
  })
})
