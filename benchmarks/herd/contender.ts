/** A cache, connected. */
export interface HerdClient {
  getOrLoad(key: string, load: () => Promise<unknown>): Promise<unknown>
  remove(key: string): Promise<unknown>
  /** Stores a value without a load, where the library can. */
  set?(key: string, value: unknown): Promise<unknown>
}

/** How values end. */
export interface Expiry {
  readonly ttlMs: number
  /** Nothing is served after that. */
  readonly strict: boolean
  /** The store may take its time, as on a busy machine: it is not how fast it is that is asked. */
  readonly patient?: boolean
}

export const LONG: Expiry = { ttlMs: 60_000, strict: false }

/** What is measured. */
export interface HerdContender {
  /** The settings that differ from the defaults. */
  readonly settings: string
  connect(url: string, expiry?: Expiry): Promise<HerdClient>
}
