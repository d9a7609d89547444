import type { History, Violation } from '@locks/history'
import { FAILOVER } from '../faults/cluster-faults.ts'
import { CONFIRMED } from '../lock-names.ts'

/**
 * What replicas have confirmed survives a failover to one of them: of locks with `confirm` nothing is
 * excused by that. `before` = how long a grant may be believed in.
 */
export function brokenConfirmations(
  history: History,
  excused: readonly Violation[],
  beforeMs: number,
): readonly Violation[] {
  const forgetful = history.of('fault').filter(({ asked }) => asked.breaks !== undefined)
  return excused.filter(({ check, message, atMs, excusedBy }) => {
    const isConfirmed = CONFIRMED.some((lock) => message.startsWith(`${lock}: `))
    if (check !== 'mutual exclusion' || !isConfirmed || excusedBy !== FAILOVER) return false
    const causes = forgetful.filter(({ invokedMs, completedMs }) => {
      return invokedMs <= atMs && completedMs >= atMs - beforeMs
    })
    return causes.every(({ asked }) => asked.fault === FAILOVER)
  })
}
