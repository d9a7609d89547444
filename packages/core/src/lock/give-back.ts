import type { Answer } from '../contract/answer.ts'
import type { ExtendReply, ReleaseReply } from '../contract/lease-store.ts'
import { StoreUnavailableError } from '../errors.ts'
import { isPending } from '../is-pending.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'

/** A lease that has ended here, and not yet in the store. */
interface Ended {
  readonly grant: Grant
  readonly acquiredAtMs: number
  readonly abandoned: { readonly key: string; readonly token: string; readonly ttlMs: number }
  /** Runs `step` behind the extends under way. */
  inTurn<T>(step: () => Promise<T>): Promise<T>
  /** What the store has said to its end. */
  parted(state: (ReleaseReply | ExtendReply)['state']): boolean
}

/**
 * Ends a lease in the store: now, or, with a cool-down, so long after its acquisition, by itself. A release
 * without an answer is repeated in the background. @throws StoreUnavailableError
 */
export function giveBack(
  engine: Engine,
  lease: Ended,
  coolDownMs: number,
  nowMs?: number,
): Answer<boolean> {
  return coolDownMs === 0 ? release(engine, lease, nowMs) : coolDown(engine, lease, coolDownMs)
}

function release(engine: Engine, lease: Ended, nowMs?: number): Answer<boolean> {
  const { abandoned } = lease
  const { reply } = engine.leases.release(abandoned, nowMs)
  if (!isPending(reply)) return lease.parted(reply.state)
  return reply.then(
    ({ state }) => lease.parted(state),
    (error) => {
      engine.undo.start(abandoned)
      throw error
    },
  )
}

/** Behind the extends under way, which would move the end again. */
function coolDown(engine: Engine, lease: Ended, coolDownMs: number): Promise<boolean> {
  const endsAtMs = lease.acquiredAtMs + coolDownMs
  return lease.inTurn(async () => {
    const restMs = Math.ceil(endsAtMs - engine.clock.now())
    return restMs < 1 ? release(engine, lease) : leaveFor(engine, lease, restMs)
  })
}

async function leaveFor(engine: Engine, lease: Ended, ttlMs: number): Promise<boolean> {
  const { key, token } = lease.grant
  const { state } = await engine.leases.extend({ key, token, ttlMs }).reply
  if (state === 'late') throw new StoreUnavailableError('the store refused a late command')
  return lease.parted(state)
}
