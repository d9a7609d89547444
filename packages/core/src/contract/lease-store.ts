import type { Answer } from './answer.ts'
import type { Subscription } from './subscription.ts'

/**
 * How long what the store accepted survives: not at all, as long as this process, as long as the server
 * keeps it, a failover too if the replica had it, the loss of a minority of servers.
 */
export type Durability = 'none' | 'process' | 'volatile' | 'async-replica' | 'quorum'

/** What the methods of a store cannot say by being there. */
export interface LeaseFacts {
  /** The smallest step in which the store counts a TTL: 1 for Redis, 1000 for memcached. */
  readonly ttlResolutionMs: number
  /** What may be lost with the server. Told to users, and a quorum refuses another quorum by it. */
  readonly durability: Durability
  /** Every exclusive grant carries a fencing token minted in the same atomic step. */
  readonly fencing: boolean
  /** A grant owns as many fences in a row as its request asks for. Default false: one. */
  readonly fenceBlocks?: boolean
  /** What takes or extends a lease counts only when replicas have confirmed it. Default false. */
  readonly confirms?: boolean
  /** `false` only for a store that excludes nobody on purpose. */
  readonly exclusive: boolean
}

/** A place in the store's queue. */
export interface Waiter {
  /** Where a grant is pushed to: the id given to `onGrant`. */
  readonly subscriber: string
  /** TTL that a pushed grant starts with: short, since its receiver may be gone. */
  readonly grantMs: number
}

/** A try to get a lease, or a place in the queue for it. */
export interface AcquireRequest {
  /** Encoded key, ASCII, made by core. A store may append to it, never change it. */
  readonly key: string
  /** Owner token, ASCII `[A-Za-z0-9_-]`, minted for this acquisition and never re-used. */
  readonly token: string
  /** TTL to set, grace included; milliseconds. */
  readonly ttlMs: number
  /** Store time in ms after which the command must do nothing and answer `late`. */
  readonly notAfterMs?: number
  /** How much of `capacity` this holder takes. Absent = 1 of 1, an exclusive lease. */
  readonly units?: number
  /** How many units the key has in all, the same for all of its holders; else `mismatch`. */
  readonly capacity?: number
  /** Level 2: stand in the queue if it is not granted now; a repeat keeps its place. */
  readonly waiter?: Waiter
  /** Where its holder is told if the lease is stolen; a waiter's subscriber counts as that too. */
  readonly subscriber?: string
  /**
   * How many fences in a row a new grant owns, from the one in its reply or push on; for stores with
   * `facts.fenceBlocks`. Every later grant exceeds them all. Default 1.
   */
  readonly fences?: number
}

/** It takes the whole of the capacity. */
export type StealRequest = Omit<AcquireRequest, 'units' | 'waiter' | 'fences'>

/**
 * `remainingMs` is the TTL that the store really set. `storeNowMs` is the store's own clock when the
 * command ran, where it has one; core turns it into the next command's `notAfterMs`. `kept`, of level 2:
 * the token had its place in the queue, or its lease, before this command; a waiter that asks again
 * learns by it that the queue is lost.
 */
export type AcquireReply =
  | {
      readonly state: 'granted'
      readonly remainingMs: number
      readonly fence?: number
      readonly kept?: boolean
      readonly storeNowMs?: number
    }
  /** `remainingMs` = time until the first holder's lease ends, when nothing else happens. */
  | {
      readonly state: 'held'
      readonly remainingMs: number
      readonly kept?: boolean
      readonly storeNowMs?: number
    }
  /** The name is in use with another capacity. */
  | { readonly state: 'mismatch'; readonly capacity: number; readonly storeNowMs?: number }
  | { readonly state: 'late'; readonly storeNowMs: number }

/** Moves the end of a lease to `ttlMs` from now, grace included. */
export interface ExtendRequest {
  readonly key: string
  readonly token: string
  readonly ttlMs: number
  readonly notAfterMs?: number
  /**
   * Hand-over: in the same step the lease gets this owner token, never used before, and `token` holds
   * nothing any more; fence and units stay. Idempotent: if `newToken` holds already, its lease is the
   * one that is extended.
   */
  readonly newToken?: string
}

/** `absent`: nobody holds the key. `taken`: only others do. Both mean: not yours, for good. */
export type ExtendReply =
  | { readonly state: 'extended'; readonly remainingMs: number; readonly storeNowMs?: number }
  | { readonly state: 'absent' | 'taken'; readonly storeNowMs?: number }
  | { readonly state: 'late'; readonly storeNowMs: number }

/** Whose lease is to end. */
export interface ReleaseRequest {
  readonly key: string
  readonly token: string
}

/** `absent`: nobody held the key. `taken`: only others did. */
export interface ReleaseReply {
  readonly state: 'released' | 'absent' | 'taken'
  readonly storeNowMs?: number
}

/** One lease of a key. */
export interface Holder {
  readonly token: string
  /** How much of the capacity it takes. */
  readonly units: number
  /** Until its lease ends, by the store's clock. */
  readonly remainingMs: number
  readonly fence?: number
}

/** What the store knows of one key; no holders = free. */
export interface Inspection {
  readonly holders: readonly Holder[]
  readonly capacity: number
  /** How many stand in the queue, those included who have gone without a word. */
  readonly waiters: number
}

/** One page of a walk over all keys with a lease or a queue. */
export interface ListRequest {
  /** What the keys begin with. */
  readonly prefix: string
  /** Where the page before ended; absent = the first page. */
  readonly cursor?: string
}

/** A page may be empty, and a key may be on several. */
export interface ListReply {
  readonly keys: readonly string[]
  /** Of the next page; opaque. Absent = this was the last. */
  readonly cursor?: string
}

/** What was there of the token: a place, a lease, or nothing. */
export interface LeaveReply {
  /** `released`: it had been granted meanwhile, and is free again. */
  readonly state: 'left' | 'released' | 'absent'
  readonly storeNowMs?: number
}

/** A waiter became a holder. Both times are the store's. */
export interface PushedGrant {
  readonly key: string
  readonly token: string
  readonly fence: number
  /** The TTL that was set: the waiter's `grantMs`. */
  readonly remainingMs: number
  readonly enqueuedAtMs: number
  readonly grantedAtMs: number
}

/** A lease was stolen from the holder with this token. */
export interface PushedLoss {
  readonly key: string
  readonly token: string
  /** A lease with a greater one was granted after the theft, also one of the same token. */
  readonly thiefFence: number
}

/** Who is told of pushed grants, and of stolen leases. Its methods return at once and never throw. */
export interface GrantListener {
  /** A waiter of this subscriber has the lease now. */
  granted(grant: PushedGrant): void
  /** A holder of this subscriber has it no longer. */
  stolen(loss: PushedLoss): void
  /** Pushes may have been lost, or be lost from now on. */
  disconnected(): void
  /** Pushes arrive again. */
  reconnected(): void
}

/**
 * The lock port: each method is ONE atomic step of the store.
 *
 * Level 1 is acquire, extend, release and inspect. A store that has `leave` and `onGrant` too is level
 * 2: it queues waiters in order of arrival, serves them in the step that frees the lease, and takes
 * units and capacities.
 *
 * Where a method need not wait, it may answer at once: the reply itself, without a promise.
 *
 * A store never waits, retries, sets a timer or reads a client's clock; core does. Trouble on the way
 * is a rejection with whatever error the client gives: core treats it as "may have happened" and
 * undoes it. Data under the key that is not a lease is a `ConflictError`, and stays untouched.
 */
export interface LeaseStore {
  /** What the methods cannot say by being there; never changes. */
  readonly facts: LeaseFacts
  /** Idempotent by owner token: repeated by its holder it re-sets the TTL and keeps the fence. */
  acquire(request: AcquireRequest): Answer<AcquireReply>
  /** Moves the end of a lease that is still this token's; never re-creates one. */
  extend(request: ExtendRequest): Answer<ExtendReply>
  /** Compare-and-delete. */
  release(request: ReleaseRequest): Answer<ReleaseReply>
  /** Reads who holds the key and how many wait; changes nothing. */
  inspect(key: string): Promise<Inspection>
  /**
   * Takes the lease from all who hold it, with a fence greater than theirs, and tells those whose
   * subscriber it knows; whoever waits keeps waiting. Refused only as `mismatch` or `late`. Idempotent by
   * owner token, as `acquire` is. For stores whose every exclusive grant has a fence.
   */
  steal?(request: StealRequest): Answer<AcquireReply>
  /**
   * Walks the keys that are held, page by page. No snapshot: a key that is held all the while is listed,
   * one that is taken or freed meanwhile may be.
   */
  list?(request: ListRequest): Promise<ListReply>
  /** Level 2: gives up a place in the queue, and the lease if it was granted meanwhile. */
  leave?(request: ReleaseRequest): Answer<LeaveReply>
  /** Level 2: pushes the grants and losses of those with this `subscriber` to `listener`. */
  onGrant?(subscriber: string, listener: GrantListener): Subscription
  /**
   * Frees what the store opened by itself; never the client it was given. For whoever made the store:
   * core does not call it, since several locks and caches may share one.
   */
  close?(): Promise<void>
}
