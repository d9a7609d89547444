import { describe, expect, test } from '@jest/globals'
import { createLocks } from '../../src/lock/create-locks.ts'
import type { Lock } from '../../src/lock/lock.ts'
import type { LockEvent } from '../../src/lock/lock-event.ts'
import { KEY } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { type Fault, fault, StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

/** A few processes that fight for one lock, use it a while and give it back. */
function contend(seed: number) {
  const clock = new ManualClock()
  const store = new StepStore(clock)
  const random = new SeededRandom(seed)
  const held = new Set<Lock>()
  const grants: { readonly token: string; readonly fence: number }[] = []
  const events: LockEvent[] = []

  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve))
  async function contender(instance: number): Promise<void> {
    const locks = createLocks(store, {
      clock,
      random: new SeededRandom(1000 * seed + instance),
      ttl: 800,
      storeTimeout: 300,
      wait: 1000,
      onEvent: (event) => events.push(event),
    })
    for (let turn = 0; turn < 12; turn++) {
      const lock = await locks.acquire('n').catch(() => undefined)
      if (!lock) continue
      grants.push({ token: lock.token, fence: lock.fence ?? Number.NaN })
      held.add(lock)
      await pause(random.below(1500))
      if (random.below(3) === 0) await lock.extend(400 + random.below(2000)).catch(() => {})
      await pause(random.below(300))
      held.delete(lock)
      await lock.release().catch(() => {})
    }
  }

  const anyFault = (ms: number): Fault[] => [
    fault.dropRequest,
    fault.dropReply,
    fault.slowReply(ms),
    fault.runLate(ms),
    fault.runLateUnseen(ms),
    fault.reject(new Error('ECONNRESET')),
    fault.runThenReject(new Error('ECONNRESET')),
    fault.throwSync(new Error('not connected')),
  ]
  store.drawFault = () =>
    random.below(4) === 0 ? random.pick(anyFault(random.below(600))) : undefined
  return { clock, store, random, held, grants, events, contender }
}

describe('a lock under faults of every kind', () => {
  test.each([1, 2, 3, 4, 5, 6])('is believed by one at a time (seed %p)', async (seed) => {
    const { clock, store, random, held, grants, events, contender } = contend(seed)
    const released = new Set<string>()
    const broken: string[] = []
    const rule = (what: string, holds: boolean) =>
      holds || broken.push(`${what} at ${clock.elapsed} ms`)
    let working = 3
    for (let instance = 0; instance < 3; instance++) {
      void contender(instance).finally(() => working--)
    }
    let checked = 0
    while (working > 0) {
      store.requestMs = random.below(8)
      store.replyMs = random.below(8)
      if (random.below(40) === 0) clock.block(random.below(1500))
      await clock.advance(1 + random.below(20))
      const believing = [...held].filter((lock) => lock.held)
      rule('at most one believes', believing.length <= 1)
      for (const lock of believing) {
        checked++
        rule('the store agrees', store.holders(KEY).includes(lock.token))
        rule('the store keeps it longer', store.remainingMs(KEY) > lock.remaining)
      }
      for (const { command, token = '' } of store.log.splice(0)) {
        if (command === 'release') released.add(token)
        else rule(`no ${command} for a released token`, !released.has(token))
      }
    }
    // Whatever was given up is free after its ttl and grace, and long before that by an undo.
    await clock.advance(5000)
    rule('nothing is left behind', store.holders(KEY).length === 0)
    const fences = grants.map(({ fence }) => fence)
    rule(
      'fences grow',
      fences.every((fence, n) => n === 0 || fence > (fences[n - 1] ?? 0)),
    )
    expect(broken).toEqual([])

    const kinds = new Set(events.map((event) => event.type))
    expect([...kinds].toSorted()).toEqual([
      'acquired',
      'lost',
      'released',
      'renewed',
      'store-error',
    ])
    expect(grants.length).toBeGreaterThan(8)
    expect(checked).toBeGreaterThan(50)
  })
})
