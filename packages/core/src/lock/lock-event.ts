import type { LossReason } from '../errors.ts'

/** What happened to a lock; `name` is the encoded name. */
export type LockEvent =
  | {
      readonly type: 'acquired'
      readonly name: string
      readonly waitedMs: number
      readonly fence: number | undefined
    }
  | { readonly type: 'renewed'; readonly name: string }
  | { readonly type: 'released'; readonly name: string; readonly heldMs: number }
  /** Given away by `handover`; whoever adopts it has `acquired` it. */
  | { readonly type: 'handed-over'; readonly name: string; readonly heldMs: number }
  | { readonly type: 'lost'; readonly name: string; readonly reason: LossReason }
  /** Its handle was dropped while it is held: nobody can release it. Told when memory is cleaned up, after a renewal. */
  | { readonly type: 'unreleased'; readonly name: string }
  /** A store call failed; the lock's own rules decide what follows. */
  | { readonly type: 'store-error'; readonly name: string; readonly error: Error }
  /** The callback of `elect` failed after its term had been lost; the campaign goes on. */
  | { readonly type: 'term-error'; readonly name: string; readonly error: unknown }

/** Told after the fact; what it throws is a warning of the process and harms no lock. */
export type LockListener = (event: LockEvent) => void
