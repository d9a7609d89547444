/** A lock that one caller holds. */
export interface Held {
  readonly fence?: number | undefined
  release(): Promise<unknown>
}

/** One caller's own lock object. */
export interface CallerLock {
  /** Waits as long as it takes. */
  acquire(): Promise<Held>
}

/** A library, connected. All callers of a process share it. */
export interface LockClient {
  lock(name: string): Promise<CallerLock>
  /** Called once per name, by one process, before anybody asks for it. */
  prepare?(name: string): Promise<unknown>
}

/** What is measured. */
export interface LockContender {
  /** The settings that differ from the defaults. */
  readonly settings: string
  connect(url: string): Promise<LockClient>
}
