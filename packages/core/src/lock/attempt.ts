import type { Answer } from '../contract/answer.ts'
import type { AcquireReply, AcquireRequest, StealRequest } from '../contract/lease-store.ts'
import { ConflictError, isLocksError, StoreUnavailableError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import { isPending } from '../is-pending.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import type { Sent } from './lease-client.ts'
import type { AcquireSettings } from './options.ts'
import { toGrant } from './to-grant.ts'
import { validUntilMs } from './validity.ts'

export interface Wanted extends AcquireSettings {
  readonly name: string
  readonly key: string
  /** The caller itself holds the name: called when it has to wait all the same. */
  readonly onSelfWait?: () => void
  /** How many in this process may hold the lease in turn: each with a fence, where there are fences. */
  readonly fences: number
}

/** One try ended without the lock; `remainingMs` until the first holder's lease ends. */
export interface Busy {
  readonly remainingMs: number
}

/**
 * One try, with a token of its own. `nowMs`: our clock, read in this very turn.
 * Whatever may have been granted and is not returned is undone: that is what makes giving up safe.
 * @throws StoreUnavailableError, ConflictError, the reason of `interrupt`.
 */
export function attempt(
  engine: Engine,
  wanted: Wanted,
  interrupt: Interrupt,
  nowMs?: number,
): Answer<Grant | Busy> {
  interrupt.throwIfTripped()
  const request = requestOf(engine, wanted)
  const sent = wanted.steal
    ? engine.leases.steal(allOf(request), interrupt)
    : engine.leases.acquire(request, interrupt, nowMs)
  const { reply } = sent
  if (isPending(reply) || reply.state !== 'granted') return settled(engine, wanted, request, sent)
  return believe(engine, wanted, request.token, sent.sentAtMs, reply)
}

async function settled(
  engine: Engine,
  wanted: Wanted,
  request: AcquireRequest,
  sent: Sent<AcquireReply>,
): Promise<Grant | Busy> {
  let underWay: typeof sent | undefined = sent
  try {
    const reply = await sent.reply
    underWay = undefined
    return believe(engine, wanted, request.token, sent.sentAtMs, reply)
  } catch (error) {
    if (!isDefinite(error)) engine.undo.start(request, underWay)
    throw error
  }
}

/** For a token of its own. */
function requestOf({ inbox, random }: Engine, wanted: Wanted): AcquireRequest {
  const { key, units, capacity, fences } = wanted
  const token = random.token()
  const ttlMs = wanted.ttlMs + wanted.graceMs
  if (!inbox.ready) return { key, token, ttlMs, units, capacity, fences }
  return { key, token, ttlMs, units, capacity, fences, subscriber: inbox.subscriber }
}

/** A thief takes all units. */
const allOf = ({ units, fences, ...request }: AcquireRequest): StealRequest => request

/** The store has said that it will not: there is nothing to undo. */
export const isDefinite = (error: unknown): boolean =>
  isLocksError(error) && error.code === 'CONFLICT'

/**
 * What a reply is worth. A grant with nothing left, or that was stolen since, is undone and is not a
 * grant.
 * @throws ConflictError, StoreUnavailableError.
 */
export function believe(
  engine: Engine,
  wanted: Wanted,
  token: string,
  sentAtMs: number,
  reply: AcquireReply,
): Grant | Busy {
  const { key, name, ttlMs, graceMs } = wanted
  switch (reply.state) {
    case 'granted': {
      const until = validUntilMs(sentAtMs, reply.remainingMs, graceMs)
      const { thefts } = engine
      const isOver = wanted.steal && thefts.outlived(key, reply.fence)
      const stolen = isOver || thefts.undid(key, token, reply.fence)
      const nowMs = engine.clock.now()
      if (until > nowMs && !stolen) {
        return toGrant(wanted, token, reply.fence, until, nowMs)
      }
      engine.undo.start({ key, token, ttlMs: ttlMs + graceMs })
      return { remainingMs: Infinity }
    }
    case 'held':
      wanted.onSelfWait?.()
      return { remainingMs: reply.remainingMs }
    case 'mismatch':
      throw new ConflictError(
        `lock ${name} is in use with a capacity of ${reply.capacity}, not ${wanted.capacity}`,
      )
    case 'late':
      throw new StoreUnavailableError('the store refused a command that came late')
  }
}
