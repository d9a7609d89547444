import type { LocksOptions } from '../../src/lock/create-locks.ts'
import { engineRoom, TTL, VALID } from '../helpers/engine-room.ts'

/** A third of the ttl has passed, as believed: the renewal is due. */
export const DUE = VALID - (TTL * 2) / 3

/** A lock that is held, and renewed. */
export async function renewedRoom(options: LocksOptions = {}) {
  const room = engineRoom(options)
  const lock = await room.locks.acquire('n')
  /** When extends were sent, in milliseconds since the lock was acquired. */
  const extendedAt = () => {
    const acquiredAtMs = room.clock.now() - room.clock.elapsed
    return room.store.sent('extend').map(({ sentAtMs }) => sentAtMs - acquiredAtMs)
  }
  return { ...room, lock, extendedAt }
}
