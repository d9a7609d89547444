import type { Durability } from './lease-store.ts'

/** What the methods of a compare-and-set store cannot say by being there. */
export interface CasFacts {
  /** The smallest step in which the store counts a TTL: 1 for most, 1000 for memcached. */
  readonly ttlResolutionMs: number
  /** Largest value it takes, in bytes. */
  readonly valueBytesMax: number
  /** What may be lost with the server. */
  readonly durability: Durability
}

/** What is stored under a key. */
export interface CasEntry<Version> {
  readonly value: Uint8Array
  /** Opaque to core. Changes with every write of the key, also when the same bytes are written again. */
  readonly version: Version
  /** What is left of its TTL, where the store tells. */
  readonly remainingMs?: number
}

/** What is to be stored, and for how long. */
export interface CasWrite {
  /** ASCII without spaces, made by core. */
  readonly key: string
  readonly value: Uint8Array
  /**
   * Milliseconds, above 0. What is stored lives for this time, rounded up to whole steps of
   * `ttlResolutionMs`, and for less than one step more.
   */
  readonly ttlMs: number
}

/** A write in the place of one version. */
export interface CasSwap<Version> extends CasWrite {
  /** Of the entry that must still be there. */
  readonly version: Version
}

/** That something was stored. */
export interface CasStored<Version> {
  /**
   * Of what was just stored, where the store tells it at once and it can never come to stand for
   * another value of the key: not after a reconnect, nor after a restart of the server. Core then
   * extends and releases in one step each; without it, core reads again before each of them.
   */
  readonly version?: Version
}

/**
 * The smallest port: each method is ONE atomic step of the store on one key. From it core derives a
 * lease store (`leaseStoreFromCas`) and a cache store (`cacheStoreFromCas`).
 *
 * A version that `get` answered is used at once. Where the store cannot be sure that it still means
 * what it meant (memcached's ids start over with the server), compare methods answer as for another
 * version, and core reads again. Trouble on the way is a rejection with whatever error the client
 * gives: never an answer.
 */
export interface CasStore<Version = unknown> {
  /** What the methods cannot say by being there; never changes. */
  readonly facts: CasFacts
  /** What is there now; `undefined` = nothing, or its TTL is over. */
  get(key: string): Promise<CasEntry<Version> | undefined>
  /** Stores where nothing is; `undefined` = something is there, and stays. */
  add(write: CasWrite): Promise<CasStored<Version> | undefined>
  /** Replaces the entry with this version; `undefined` = another is there, or none. */
  compareAndSet(swap: CasSwap<Version>): Promise<CasStored<Version> | undefined>
  /** Removes the entry with this version; `false` = another is there, or none. */
  compareAndDelete(key: string, version: Version): Promise<boolean>
  /** Stores, whatever is there. */
  set(write: CasWrite): Promise<void>
  /** Removes, whatever is there; whether there was something. */
  delete(key: string): Promise<boolean>
  /** Frees what the store opened by itself; never the client it was given. */
  close?(): Promise<void>
}
