import { AsyncLocalStorage } from 'node:async_hooks'
import type { Wanted } from './attempt.ts'
import type { HeldLock } from './held-lock.ts'

/** A lock, and what was asked for when it was acquired. */
export interface Holding {
  readonly lock: HeldLock
  readonly wanted: Wanted
}

interface Frame {
  readonly context: LockContext
  readonly holdings: readonly Holding[]
  readonly outer: Frame | undefined
}

/** One for all contexts: Node 20 and 22 make every promise of a process pay for each storage ever used. */
const storage = new AsyncLocalStorage<Frame>()

/**
 * The locks under which code runs: those of the callbacks around it, whichever way it was called.
 * Nothing is tracked before the first callback, so that handles alone cost nothing.
 */
export class LockContext {
  run<T>(holdings: readonly Holding[], callback: () => T): T {
    return storage.run({ context: this, holdings, outer: storage.getStore() }, callback)
  }

  /** Of the innermost callback; the first of several. */
  get current(): HeldLock | undefined {
    for (const { holdings } of this.#frames()) return holdings[0]?.lock
    return undefined
  }

  /** The innermost lock with this encoded name. */
  named(name: string): HeldLock | undefined {
    return this.#find((holding) => holding.wanted.name === name)?.lock
  }

  holds(name: string): boolean {
    return this.#find(({ lock, wanted }) => wanted.name === name && lock.held) !== undefined
  }

  /** The lock under which the same request may run again: held or lost, but not released. */
  reentered({ name, units, capacity }: Wanted): HeldLock | undefined {
    return this.#find(({ lock, wanted }) => {
      const same = wanted.name === name && wanted.units === units && wanted.capacity === capacity
      return same && (lock.held || lock.signal.aborted)
    })?.lock
  }

  #find(matches: (holding: Holding) => boolean): Holding | undefined {
    // Nearly always: outside of all callbacks.
    if (!storage.getStore()) return undefined
    for (const { holdings } of this.#frames()) {
      const holding = holdings.find(matches)
      if (holding) return holding
    }
    return undefined
  }

  /** Innermost first. */
  *#frames(): Iterable<Frame> {
    for (let frame = storage.getStore(); frame; frame = frame.outer) {
      if (frame.context === this) yield frame
    }
  }
}
