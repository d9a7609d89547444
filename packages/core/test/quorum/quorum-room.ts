import { createLocks, type LocksOptions } from '../../src/lock/create-locks.ts'
import type { LockEvent } from '../../src/lock/lock-event.ts'
import { quorum } from '../../src/quorum/quorum.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { type CommandName, StepStore } from '../helpers/step-store.ts'

export const NODE_TIMEOUT = 500

/** Locks on a quorum of stores that fail as the test says, on its clock. */
export function quorumRoom(count: number, options: LocksOptions = {}) {
  const clock = new ManualClock()
  const nodes = Array.from({ length: count }, () => new StepStore(clock))
  // Each with a time of its own.
  nodes.forEach((node, index) => void node.stepClock(index * 3_600_000))
  const random = new SeededRandom(1, 1)
  const store = quorum(nodes, { clock, random, nodeTimeout: NODE_TIMEOUT })
  const events: LockEvent[] = []
  const onEvent = (event: LockEvent) => events.push(event)
  const locks = createLocks(store, { clock, random, onEvent, ...options })
  return { clock, nodes, store, locks, events, onNode: (index: number) => at(nodes, index) }
}

export function at<T>(all: readonly T[], index: number): T {
  const one = all[index]
  if (one === undefined) throw new Error(`there is no ${index}`)
  return one
}

/** How often each node was sent `command`. */
export const sentTo = (nodes: readonly StepStore[], command?: CommandName): number[] =>
  nodes.map((node) => node.sent(command).length)

/** Who holds `key` on each node; '' = nobody. */
export const holdersOn = (nodes: readonly StepStore[], key: string): string[] =>
  nodes.map((node) => node.holders(key).join())
