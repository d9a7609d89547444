import type { Waiter } from '../contract/lease-store.ts'
import { LinkedMap } from '../linked-map.ts'

/** A holder's lease, in store time. */
export interface LeaseHolder {
  readonly units: number
  readonly fence: number
  untilMs: number
  /** Who is told if it is stolen. */
  readonly subscriber?: string
}

/** A waiter in its place in the queue, with what it asks for. */
export interface QueuedWaiter extends Waiter {
  readonly units: number
  /** How many it asks for. */
  readonly fences: number
  readonly enqueuedAtMs: number
}

/** What a map does; a `Map` is one too. */
export interface ByToken<Value> extends Iterable<[token: string, value: Value]> {
  readonly size: number
  has(token: string): boolean
  get(token: string): Value | undefined
  set(token: string, value: Value): unknown
  delete(token: string): boolean
  clear(): void
  forEach(visit: (value: Value, token: string) => void): void
  keys(): Iterable<string>
  values(): Iterable<Value>
}

/** All that a store knows of one name. Both maps are keyed by owner token, oldest first. */
export interface LeaseState {
  readonly holders: ByToken<LeaseHolder>
  readonly queue: ByToken<QueuedWaiter>
  /** Meaningful while there is a holder or a waiter. */
  capacity: number
  /** The last fencing token that a grant owns; it outlives the holders. */
  fence: number
}

/** A name that nobody uses. `fence`: a token that the next grant must exceed. */
export const freeLease = (fence = 0): LeaseState => ({
  holders: new LinkedMap(),
  queue: new LinkedMap(),
  capacity: 1,
  fence,
})
