import type { Duration } from '../duration.ts'
import type { HeldLock } from './held-lock.ts'
import type { LockSet } from './lock-set.ts'

/** The handle of several locks. Each lock keeps its own rules; this one joins them. */
export class HeldSet implements LockSet {
  readonly names: readonly string[]
  readonly locks: readonly HeldLock[]
  readonly #controller = new AbortController()

  constructor(locks: readonly HeldLock[]) {
    this.names = locks.map(({ name }) => name)
    this.locks = locks
    for (const { signal } of locks) {
      if (signal.aborted) this.#lose(signal.reason)
      else signal.addEventListener('abort', () => this.#lose(signal.reason), { once: true })
    }
  }

  /** For messages. */
  get name(): string {
    return this.names.join(' and ')
  }

  get held(): boolean {
    return this.locks.every((lock) => lock.held)
  }

  get remaining(): number {
    return Math.min(...this.locks.map((lock) => lock.remaining))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  assertHeld(): void {
    this.signal.throwIfAborted()
    for (const lock of this.locks) lock.assertHeld()
  }

  verify(): Promise<boolean> {
    return everyOne(this.locks.map((lock) => lock.verify()))
  }

  extend(ttl?: Duration): Promise<boolean> {
    return everyOne(this.locks.map((lock) => lock.extend(ttl)))
  }

  release(): Promise<boolean> {
    return everyOne(this.locks.map((lock) => lock.release()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.locks.map((lock) => lock[Symbol.asyncDispose]()))
  }

  #lose(reason: unknown): void {
    this.#controller.abort(reason)
    void this[Symbol.asyncDispose]()
  }
}

/** When all have settled. One `false` is definite, whatever is unknown of the others. */
async function everyOne(calls: readonly Promise<boolean>[]): Promise<boolean> {
  const outcomes = await Promise.allSettled(calls)
  if (outcomes.some((outcome) => outcome.status === 'fulfilled' && !outcome.value)) return false
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return true
}
