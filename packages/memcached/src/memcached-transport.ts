/** An entry as it was read, with the version to compare it by. */
export interface TextEntry<Version> {
  readonly value: string
  readonly version: Version
  /** What is left of its TTL at most, where the server was asked. */
  readonly remainingMs?: number
}

/** An entry as it is to be written. */
export interface TextWrite {
  /** At most `keyBytesMax` printable ASCII characters. */
  readonly key: string
  /** ASCII without line breaks. */
  readonly value: string
  /** As on the wire: whole seconds from now, or, above 30 days, a unix time. */
  readonly exptime: number
}

/** What a client may tell of an entry that it has stored. */
export interface TextStored<Version> {
  /** Of what was stored, if it can never come to stand for another value; see `CasStored`. */
  readonly version?: Version
}

/**
 * What `memcachedStore` needs of a client: one command of the server per method. Whatever is not the
 * server's answer to it is a rejection; a call that never settles is bounded by core.
 */
export interface MemcachedTransport<Version = unknown> {
  /** How many servers the keys are spread over. */
  readonly servers: number
  /** The longest key that the server is sent. */
  readonly keyBytesMax: number
  /** Where the client itself refuses longer ones. */
  readonly valueBytesMax?: number
  /** `gets`; `undefined` = nothing is there. */
  get(key: string): Promise<TextEntry<Version> | undefined>
  /** `undefined` = something is there. */
  add(write: TextWrite): Promise<TextStored<Version> | undefined>
  /** `undefined` = another version is there, or nothing. */
  compareAndSet(write: TextWrite, version: Version): Promise<TextStored<Version> | undefined>
  /** `false` = another version is there, or nothing. */
  compareAndDelete(key: string, version: Version): Promise<boolean>
  /** Stores, whatever is there. */
  set(write: TextWrite): Promise<void>
  /** Removes, whatever is there; whether there was something. */
  delete(key: string): Promise<boolean>
  /** Closes what the transport opened. */
  close?(): Promise<void>
}
