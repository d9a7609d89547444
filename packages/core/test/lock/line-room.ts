import type { AcquireOptions } from '../../src/lock/options.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { watch } from '../helpers/settling.ts'

export const FOR_EVER = { wait: Infinity }

/** Locks on a store without a queue, and who waits for the name `n`. */
export function lineRoom() {
  const { clock, store, locks } = engineRoom()
  const acquire = (options: AcquireOptions = FOR_EVER) => watch(clock, locks.acquire('n', options))
  /** How many tries have been sent by now. */
  const tries = () => store.sent('acquire').length
  return { clock, store, locks, acquire, tries }
}

/** As `lineRoom`, while another process holds the name. */
export function occupiedRoom() {
  const room = lineRoom()
  room.store.occupy(KEY, 'other', 3_600_000)
  return room
}
