import type { Lease } from './lease.ts'
import type { LockListener } from './lock-event.ts'

/**
 * Notices handles that were dropped while their lock was held: nobody can release it any more. It only
 * tells, since somebody may hold a lock for the life of the process on purpose.
 */
export class DroppedHandles {
  readonly #emit: LockListener
  readonly #registry = new FinalizationRegistry<Lease>((lease) => this.#dropped(lease))
  #warned = false

  constructor(emit: LockListener) {
    this.#emit = emit
  }

  /** Keeps `handle` no longer than others do. */
  watch(handle: object, lease: Lease): void {
    this.#registry.register(handle, lease)
  }

  #dropped(lease: Lease): void {
    if (!lease.held) return
    const { name } = lease
    this.#emit({ type: 'unreleased', name })
    // Once: whoever leaks locks leaks many.
    if (this.#warned) return
    this.#warned = true
    const message = `lock ${name} is held, and its handle was dropped without a release`
    process.emitWarning(message, { type: 'LocksWarning', code: 'LOCKS_UNRELEASED' })
  }
}
