/** Nobody knows whether it happened: no answer, or an error that may have come after the effect. */
export interface Unknown {
  readonly is: 'unknown'
  /** An error's code; never a message. */
  readonly code?: string
}

/**
 * What a history tells, by kind: `[what was asked, what came of it]`. Times are milliseconds, `ttlMs`
 * includes the grace, and values are strings that are written once each in a run, so that whoever reads
 * one can be asked where it comes from.
 */
export interface Calls {
  /** Somebody asks for a lock; a hand-off is the answer to it. Units and capacity are 1 if not said. */
  acquire: [
    {
      readonly lock: string
      readonly ttlMs: number
      readonly units?: number
      readonly capacity?: number
      readonly steals?: boolean
      /** Held in turn with others of its process: a release that lets the next one in asks no store. */
      readonly inTurns?: boolean
    },
    Granted | { readonly is: 'refused' } | Unknown,
  ]
  /** `held` was true then: written by `Recorder.witness`. */
  held: [Tenancy, { readonly is: 'seen' }]
  extend: [Tenancy & { readonly ttlMs: number }, { readonly is: 'extended' | 'lost' } | Unknown]
  /** The holder gives it back: from the beginning of this call on it claims nothing. */
  release: [Tenancy, { readonly is: 'released' | 'lost' } | Unknown]
  /** The holder was told that it has lost it. A note. */
  lost: [Tenancy & { readonly reason: string }, { readonly is: 'seen' }]
  /** Who holds the lock, as the store sees it. */
  inspect: [
    { readonly lock: string },
    (
      | { readonly is: 'seen'; readonly holders: readonly string[]; readonly waiters: number }
      | Unknown
    ),
  ]

  /** A command to a lease store, and its reply, as they are in `LeaseStore`. */
  lease: [{ readonly key: string; readonly command: string; readonly request: object }, Replied]
  /** A command to a cache store, and its reply, as they are in `CacheStore`; data as base64. */
  cache: [{ readonly key: string; readonly command: string; readonly request: object }, Replied]

  /** What is stored under a key, if anything; it calls no loader and joins none. */
  get: [{ readonly key: string }, Found]
  /** It may load, and may be given what a load that began earlier brings. */
  getOrSet: [{ readonly key: string }, Found]
  set: [{ readonly key: string; readonly value: string }, { readonly is: 'done' } | Unknown]
  delete: [{ readonly key: string }, { readonly is: 'done' } | Unknown]
  /** A loader runs, from its call to its end. Nobody else has a reason to load for `freshMs` from its end. */
  load: [
    { readonly key: string; readonly freshMs: number },
    { readonly is: 'loaded'; readonly value: string } | { readonly is: 'failed' },
  ]

  /** What a resource guarded by a lock contains: the elements that have been added. */
  'read-set': [
    { readonly set: string },
    { readonly is: 'seen'; readonly elements: readonly string[] } | Unknown,
  ]
  /** Reads the whole set and writes it back with one element more, if the resource accepts the fence. */
  'add-to-set': [
    { readonly set: string; readonly element: string; readonly fence?: number },
    { readonly is: 'written' | 'rejected' } | Unknown,
  ]
  'read-counter': [
    { readonly counter: string },
    { readonly is: 'seen'; readonly value: number } | Unknown,
  ]
  /** Writes what it has read plus one, if the resource accepts the fence. */
  'write-counter': [
    { readonly counter: string; readonly value: number; readonly fence?: number },
    { readonly is: 'written' | 'rejected' } | Unknown,
  ]

  /** From its begin to its end something is wrong on purpose. Without an end: until the run is over. */
  fault: [
    {
      readonly fault: string
      /** What it may break that is promised without it. Absent = nothing. */
      readonly breaks?: readonly Breach[]
    },
    { readonly is: 'over' },
  ]
}

/**
 * `exclusion`: the store forgets or gives away what is held (data loss, failover, eviction, theft).
 * `fences`: its clock may step back, or it forgets the last fence. `values`: it forgets or revives entries.
 */
export type Breach = 'exclusion' | 'fences' | 'values'

export interface Tenancy {
  readonly lock: string
  readonly token: string
}

export interface Granted {
  readonly is: 'granted'
  readonly token: string
  readonly fence?: number
}

export type Replied = { readonly is: 'replied'; readonly reply: unknown } | Unknown

export type Found =
  | { readonly is: 'found'; readonly value: string }
  | { readonly is: 'absent' }
  | Unknown

export type Kind = keyof Calls
export type Asked<K extends Kind> = Calls[K][0]
export type Outcome<K extends Kind> = Calls[K][1]
