import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { DroppedHandles } from './dropped-handles.ts'
import type { GrantInbox } from './grant-inbox.ts'
import type { LeaseClient } from './lease-client.ts'
import type { LockContext } from './lock-context.ts'
import type { LockListener } from './lock-event.ts'
import type { Thefts } from './thefts.ts'
import type { Tracing } from './tracing.ts'
import type { Undo } from './undo.ts'
import type { WaitingLines } from './waiting-lines.ts'

/** What every part of one `Locks` shares. */
export interface Engine {
  readonly leases: LeaseClient
  readonly undo: Undo
  readonly inbox: GrantInbox
  readonly lines: WaitingLines
  readonly thefts: Thefts
  readonly clock: Clock
  readonly random: Random
  readonly emit: LockListener
  /** Somebody is told of all that happens, not only of losses. */
  readonly listens: boolean
  readonly context: LockContext
  readonly tracing: Tracing
  readonly dropped: DroppedHandles
}
