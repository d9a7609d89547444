import type { Clock } from '../clock.ts'
import type { AcquireReply } from '../contract/lease-store.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Busy, Wanted } from './attempt.ts'
import { believe, isDefinite } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import type { Sent } from './lease-client.ts'
import type { News, Place, ReceivedGrant } from './place.ts'
import { type Enqueue, takeOver } from './take-over.ts'

/**
 * TTL of a pushed grant at most: how long a waiter that died unseen blocks the others. So nobody trusts
 * the end of a lease that is further away: it may have been handed to such a one meanwhile.
 */
const GRANT_MS_MAX = 5000

/**
 * One try with a place in the store's queue: lasts until it is granted or `leftMs` are over.
 * The place is kept by the token, so the token lives as long as the place; an unanswered command ends
 * both, for it might still run when the token is done with.
 * @throws as `attempt`.
 */
export async function queuedAttempt(
  engine: Engine,
  wanted: Wanted,
  leftMs: number,
  interrupt: Interrupt,
  nowMs = engine.clock.now(),
): Promise<Grant | Busy> {
  interrupt.throwIfTripped()
  const { leases, inbox, clock, undo } = engine
  const { key, graceMs, units, capacity, fences } = wanted
  const ttlMs = wanted.ttlMs + graceMs
  const token = engine.random.token()
  const waiter = { subscriber: inbox.subscriber, grantMs: Math.min(ttlMs, GRANT_MS_MAX) }
  const overAtMs = nowMs + leftMs
  const enqueue = { sentAtMs: nowMs, connection: inbox.connection }
  const { place, queue } = inbox.enter(key, token)
  let sent: Sent<AcquireReply> | undefined
  try {
    for (;;) {
      place.asked()
      sent = leases.acquire({ key, token, ttlMs, units, capacity, fences, waiter }, interrupt)
      const reply = await sent.reply
      const { sentAtMs } = sent
      sent = undefined
      queue.answered(place, reply)
      if (reply.state !== 'held') return believe(engine, wanted, token, sentAtMs, reply)
      wanted.onSelfWait?.()
      place.notGranted(reply.storeNowMs)
      queue.expectEnd(Math.min(reply.remainingMs, GRANT_MS_MAX), leases.deadlineMs)
      const news = await nextNews(clock, place, overAtMs - clock.now(), interrupt)
      if (news === 'ask') continue
      if (news) return await take(engine, wanted, enqueue, news, interrupt)
      undo.start({ key, token, ttlMs, outlastsTtl: true })
      return reply
    }
  } catch (error) {
    if (!isDefinite(error)) undo.start({ key, token, ttlMs, outlastsTtl: true }, sent)
    throw error
  } finally {
    inbox.leave(key, token)
  }
}

/** Gives back what a grant that comes to nothing has left in the store. */
async function take(
  engine: Engine,
  wanted: Wanted,
  enqueue: Enqueue,
  received: ReceivedGrant,
  interrupt: Interrupt,
): Promise<Grant | Busy> {
  const { grant } = received
  const outcome = await takeOver(engine, wanted, enqueue, received, interrupt)
  const stolen = engine.thefts.undid(wanted.key, grant.token, grant.fence)
  if ('token' in outcome && !stolen) return outcome
  // An ask that crossed the grant may have queued the token again; a confirmation that came too late has
  // kept the lease for nobody.
  const { key, ttlMs, graceMs } = wanted
  engine.undo.start({ key, token: grant.token, ttlMs: ttlMs + graceMs, outlastsTtl: true })
  return 'token' in outcome ? { remainingMs: 0 } : outcome
}

/** `undefined` when the time is over. @throws the reason of `interrupt`. */
function nextNews(
  clock: Clock,
  place: Place,
  leftMs: number,
  interrupt: Interrupt,
): Promise<News | undefined> {
  // What a late answer leaves to do would take another deadline.
  if (leftMs <= 0) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const cancel =
      leftMs === Infinity
        ? undefined
        : clock.after(leftMs, () => {
            stop()
            resolve(undefined)
          })
    const stop = interrupt.onTrip((reason) => {
      cancel?.()
      stop()
      reject(reason)
    })
    place.onNews((news) => {
      cancel?.()
      stop()
      resolve(news)
    })
  })
}
