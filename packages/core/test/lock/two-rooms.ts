import { createLocks } from '../../src/lock/create-locks.ts'
import type { LockGrant } from '../../src/lock/lock-grant.ts'
import { engineRoom } from '../helpers/engine-room.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'

/** A held lock, and the locks of another process on the same store. */
export async function twoRooms() {
  const room = engineRoom()
  const { clock, store } = room
  const others = createLocks(store, { clock, random: new SeededRandom(2, 1) })
  return { ...room, others, lock: await room.locks.acquire('n') }
}

/** As another process receives it. */
export const sentOver = (grant: LockGrant): LockGrant => JSON.parse(JSON.stringify(grant))
