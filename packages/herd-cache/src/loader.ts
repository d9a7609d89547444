import type { Name } from '@locks/core'

/** What a loader is told. */
export interface LoadContext {
  readonly key: Name
  /** Aborts when the cache is closed. */
  readonly signal: AbortSignal
}

/** Makes the value. Runs once for all who ask meanwhile, in all processes. */
export type Loader<T> = (context: LoadContext) => T | PromiseLike<T>
