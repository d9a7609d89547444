import type { LocksOptions } from '../../src/lock/create-locks.ts'
import { engineRoom } from '../helpers/engine-room.ts'

/** A held lock, by default one that is not renewed. */
export async function lockRoom(options: LocksOptions = { renew: false }) {
  const room = engineRoom(options)
  const lock = await room.locks.acquire('n')
  return { ...room, lock }
}
