import type { StoreUnavailableError } from '../../src/errors.ts'
import { KEY } from '../helpers/engine-room.ts'
import { watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { NODE_TIMEOUT, quorumRoom } from './quorum-room.ts'

export const acquire = { key: KEY, token: 'us', ttlMs: 1000 }

export const REFUSED = fault.reject(
  new Error('connect ECONNREFUSED redis://user:secret@10.0.0.1:6379'),
)

export type Answer = 'ok' | 'held' | 'down' | 'silent' | 'foreign' | 'late'

/** Lets each node answer the next acquire so. */
export function stage(answers: readonly Answer[]) {
  const room = quorumRoom(answers.length)
  answers.forEach((answer, index) => {
    const node = room.onNode(index)
    if (answer === 'held') node.occupy(KEY, 'other', 60_000)
    if (answer === 'down') node.next(REFUSED, 'acquire')
    if (answer === 'silent') node.next(fault.dropReply, 'acquire')
    if (answer === 'late') node.next(fault.answer({ state: 'late', storeNowMs: 1 }), 'acquire')
    if (answer === 'foreign') {
      const foreign = Object.assign(new Error('not a lease'), {
        code: 'CONFLICT',
        [Symbol.for('@locks/error')]: true,
      })
      node.next(fault.reject(foreign), 'acquire')
    }
  })
  return room
}

export async function outcomeOf(answers: readonly Answer[]) {
  const room = stage(answers)
  const acquired = watch(room.clock, room.store.acquire(acquire))
  await room.clock.advance(NODE_TIMEOUT)
  const { state, value, error } = acquired
  return {
    ...room,
    error: error as StoreUnavailableError,
    is: state === 'rejected' ? (error as { code: string }).code : (value?.state ?? state),
  }
}
