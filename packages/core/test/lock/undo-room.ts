import { Interrupt } from '../../src/interrupt.ts'
import { LeaseClient } from '../../src/lock/lease-client.ts'
import { Undo } from '../../src/lock/undo.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { watch } from '../helpers/settling.ts'
import { StepStore } from '../helpers/step-store.ts'

export const DEADLINE = 2000

export const abandoned = { key: 'k', token: 'mine', ttlMs: 30_000 }

export function undoRoom() {
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
