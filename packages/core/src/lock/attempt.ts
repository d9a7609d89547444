import type { AcquireReply } from '../contract/lease-store.ts'
import { ConflictError, StoreUnavailableError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './held-lock.ts'
import type { AcquireSettings } from './options.ts'
import { validUntilMs } from './validity.ts'

export interface Wanted extends AcquireSettings {
  readonly name: string
  readonly key: string
}

/** One try ended without the lock; `remainingMs` until the first holder's lease ends. */
export interface Busy {
  readonly remainingMs: number
}

/**
 * One try, with a token of its own.
 * Whatever may have been granted and is not returned is undone: that is what makes giving up safe.
 * @throws StoreUnavailableError, ConflictError, the reason of `interrupt`.
 */
export async function attempt(
  engine: Engine,
  wanted: Wanted,
  interrupt: Interrupt,
): Promise<Grant | Busy> {
  interrupt.throwIfTripped()
  const { name, key, ttlMs, graceMs, renew } = wanted
  const token = engine.random.token()
  const request = { key, token, ttlMs: ttlMs + graceMs }
  const sent = engine.leases.acquire(request, interrupt)
  let reply: AcquireReply
  try {
    reply = await sent.reply
  } catch (error) {
    engine.undo.start(request, sent)
    throw error
  }
  switch (reply.state) {
    case 'granted': {
      const until = validUntilMs(sent.sentAtMs, reply.remainingMs, graceMs)
      if (until > engine.clock.now()) {
        return { name, key, token, fence: reply.fence, validUntilMs: until, ttlMs, graceMs, renew }
      }
      // The answer took longer than the lease: nobody may act on it.
      engine.undo.start(request)
      return { remainingMs: 0 }
    }
    case 'held':
      return { remainingMs: reply.remainingMs }
    case 'mismatch':
      throw new ConflictError(`lock ${name} is in use with a capacity of ${reply.capacity}`)
    case 'late':
      throw new StoreUnavailableError('the store refused a command that came late')
  }
}
