import type { ExtendReply } from '../contract/lease-store.ts'
import { LockLostError, StoreUnavailableError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import type { LockGrant } from './lock-grant.ts'
import { lossReason } from './loss-reason.ts'
import type { AcquireOptions } from './options.ts'
import { toGrant } from './to-grant.ts'
import { validUntilMs } from './validity.ts'

/** How an adopted lock goes on; its ttl is the one that it had, unless said otherwise. */
export type AdoptOptions = Pick<AcquireOptions, 'ttl' | 'grace' | 'renew' | 'maxHold'>

/**
 * Takes over a lease that was handed over: one extend, which changes its owner token in the same step.
 * So whoever comes second finds a token that holds nothing. Without an answer nobody knows which of the
 * two tokens holds the lease: both are given back.
 * @throws LockLostError, StoreUnavailableError, the reason of `interrupt`.
 */
export async function adopt(
  engine: Engine,
  wanted: Wanted,
  { token, fence }: LockGrant,
  interrupt: Interrupt,
): Promise<Grant> {
  const { key, name, graceMs } = wanted
  const ttlMs = wanted.ttlMs + graceMs
  const newToken = engine.random.token()
  const sent = engine.leases.extend({ key, token, newToken, ttlMs }, interrupt)
  const reply = await Promise.resolve(sent.reply)
    .then(orLate)
    .catch((error: Error) => {
      engine.undo.start({ key, token: newToken, ttlMs }, sent)
      // Its lease is as long as its holder has made it last, which no grant tells.
      engine.undo.start({ key, token, ttlMs, outlastsTtl: true }, sent)
      throw error
    })
  if (reply.state !== 'extended') {
    const reason = lossReason(reply.state)
    throw new LockLostError(`lock ${name} cannot be adopted any more: ${reason}`, reason)
  }
  const until = validUntilMs(sent.sentAtMs, reply.remainingMs, graceMs)
  const reason = engine.thefts.undid(key, newToken, fence) ? 'stolen' : 'expired'
  const nowMs = engine.clock.now()
  if (reason !== 'stolen' && until > nowMs) {
    return toGrant(wanted, newToken, fence, until, nowMs)
  }
  engine.undo.start({ key, token: newToken, ttlMs })
  throw new LockLostError(`lock ${name} was lost while it was adopted: ${reason}`, reason)
}

function orLate(reply: ExtendReply): Exclude<ExtendReply, { state: 'late' }> {
  if (reply.state === 'late') throw new StoreUnavailableError('the store refused a late command')
  return reply
}
