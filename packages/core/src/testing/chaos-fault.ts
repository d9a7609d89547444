import type { CacheStore } from '../contract/cache-store.ts'
import type { GrantListener, LeaseStore } from '../contract/lease-store.ts'
import { type Duration, toMs } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'

/**
 * What becomes of one call.
 * - `throw`: it is rejected and was never sent, as when the connection is refused.
 * - `dropRequest`: it never arrives, and nobody answers.
 * - `dropReply`: it runs, and nobody answers.
 * - `{ delayRequest }`: it runs that much later, perhaps after its caller gave up.
 * - `{ delayReply }`: it runs at once, and the answer comes that much later.
 */
export type ChaosFault =
  | 'throw'
  | 'dropRequest'
  | 'dropReply'
  | { readonly delayRequest: Duration }
  | { readonly delayReply: Duration }

type CommandOf<Store> = Exclude<keyof Store, 'facts' | 'onGrant' | 'onSignal' | 'close'>

/**
 * A method of the ports, or a push from the store: `granted`, `stolen` and `signal` can be dropped or
 * delayed as a request can.
 */
export type ChaosMethod =
  | CommandOf<LeaseStore>
  | CommandOf<CacheStore>
  | Exclude<keyof GrantListener, 'disconnected' | 'reconnected'>
  | 'signal'

/** A fault as it is carried out. */
export interface Trouble {
  readonly throws: boolean
  /** Before it runs; `Infinity` = it never does. */
  readonly requestMs: number
  /** Before it is answered; `Infinity` = it never is. */
  readonly replyMs: number
}

const NONE: Trouble = { throws: false, requestMs: 0, replyMs: 0 }

/** @throws InvalidArgumentError for what is no fault. */
export function toTrouble(fault: ChaosFault | undefined): Trouble {
  if (fault === undefined) return NONE
  if (fault === 'throw') return { ...NONE, throws: true }
  if (fault === 'dropRequest') return { ...NONE, requestMs: Number.POSITIVE_INFINITY }
  if (fault === 'dropReply') return { ...NONE, replyMs: Number.POSITIVE_INFINITY }
  if (typeof fault === 'object' && fault !== null) {
    if ('delayRequest' in fault) {
      return { ...NONE, requestMs: toMs(fault.delayRequest, 'delayRequest', 0) }
    }
    if ('delayReply' in fault) return { ...NONE, replyMs: toMs(fault.delayReply, 'delayReply', 0) }
  }
  throw new InvalidArgumentError(`there is no such fault: ${String(fault)}`)
}
