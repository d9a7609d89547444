export interface TextEntry<Version> {
  readonly value: string
  readonly version: Version
  /** What is left of its TTL at most, where the server was asked. */
  readonly remainingMs?: number
}

export interface TextWrite {
  /** At most `keyBytesMax` printable ASCII characters. */
  readonly key: string
  /** ASCII without line breaks. */
  readonly value: string
  /** As on the wire: whole seconds from now, or, above 30 days, a unix time. */
  readonly exptime: number
}

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
  readonly keyBytesMax: number
  /** Where the client itself refuses longer ones. */
  readonly valueBytesMax?: number
  get(key: string): Promise<TextEntry<Version> | undefined>
  /** `undefined` = something is there. */
  add(write: TextWrite): Promise<TextStored<Version> | undefined>
  /** `undefined` = another version is there, or nothing. */
  compareAndSet(write: TextWrite, version: Version): Promise<TextStored<Version> | undefined>
  compareAndDelete(key: string, version: Version): Promise<boolean>
  set(write: TextWrite): Promise<void>
  delete(key: string): Promise<boolean>
  /** Closes what the transport opened. */
  close?(): Promise<void>
}
