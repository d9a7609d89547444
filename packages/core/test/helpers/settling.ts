import type { Clock } from '../../src/clock.ts'

/** What has become of a promise so far; reading it needs no waiting. */
export interface Settling<T> {
  readonly state: 'pending' | 'fulfilled' | 'rejected'
  readonly value?: T
  readonly error?: unknown
  /** When it settled. */
  readonly atMs?: number
}

/** Watches a promise instead of awaiting it, so that one that hangs fails a test and not its runner. */
export function watch<T>(clock: Clock, promise: T | Promise<T>): Settling<T> {
  const settling: { -readonly [K in keyof Settling<T>]: Settling<T>[K] } = { state: 'pending' }
  Promise.resolve(promise).then(
    (value) => Object.assign(settling, { state: 'fulfilled', value, atMs: clock.now() }),
    (error: unknown) => Object.assign(settling, { state: 'rejected', error, atMs: clock.now() }),
  )
  return settling
}

/** What a promise rejects with. */
export async function rejectionOf(promise: unknown): Promise<unknown> {
  const outcome = await Promise.resolve(promise).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error('the promise was fulfilled')
}

/** The value of a promise that is fulfilled by now. */
export function fulfilled<T>(settling: Settling<T>): T {
  if (settling.state !== 'fulfilled') {
    throw new Error(`the promise is ${settling.state}`, { cause: settling.error })
  }
  return settling.value as T
}
