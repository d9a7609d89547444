import type { Name } from '@locks/core'

/** What a loader is told. */
export interface LoadContext {
  /** As the caller gave it. */
  readonly key: Name
  /** Aborts when all callers have gone, after `loaderTimeout`, and when the cache is closed. */
  readonly signal: AbortSignal
  /** Gives `value` to those who wait in this process, and has nothing stored: `return skip(value)`. */
  skip<T>(value: T): T
}

/** Makes the value. Runs once for all who ask meanwhile, in all processes. */
export type Loader<T> = (context: LoadContext) => T | PromiseLike<T>

/** What a loader has made. */
export interface Made {
  readonly value: unknown
  readonly skipped: boolean
}

/** Runs a loader. @throws what it throws. */
export async function callLoader<T>(
  loader: Loader<T>,
  context: Omit<LoadContext, 'skip'>,
): Promise<Made> {
  let skipped = false
  const skip = <U>(value: U): U => {
    skipped = true
    return value
  }
  const value = await loader({ ...context, skip })
  return { value, skipped }
}
