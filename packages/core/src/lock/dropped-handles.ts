import { LinkedSet } from '../linked-set.ts'
import type { Lease } from './lease.ts'
import type { LockListener } from './lock-event.ts'

const YOUNG_MAX = 256

interface Watched {
  readonly lease: Lease
  readonly turn: number
}

/**
 * Notices handles that were dropped while their lock was held: nobody can release it any more. It only
 * tells, since somebody may hold a lock for the life of the process on purpose.
 */
export class DroppedHandles {
  readonly #emit: LockListener
  readonly #registry = new FinalizationRegistry<Watched>((watched) => this.#dropped(watched))
  /**
   * Not yet noticed when dropped. To be registered costs the garbage collector more than all the rest of
   * an acquisition, so most locks are released before.
   */
  readonly #young = new LinkedSet<Lease>()
  #warned = false

  constructor(emit: LockListener) {
    this.#emit = emit
  }

  /** Keeps `handle` until `settle`, and from then on no longer than others do. */
  watch(handle: object, lease: Lease): void {
    lease.youngHandle = handle
    if (lease.set === undefined) this.#young.add(lease)
    if (this.#young.size > YOUNG_MAX) this.settle()
  }

  /**
   * Its handle may be dropped. The registry keeps a lease until its handle is gone: for ever, where the
   * handle is known to a listener on its own signal, which the lease keeps.
   */
  ended(lease: Lease): void {
    if (lease.youngHandle) this.#forget(lease)
    else this.#registry.unregister(lease)
  }

  /** A lease has been extended: by then who is still held is held for long. */
  settle(): void {
    for (let lease = this.#young.first; lease; lease = this.#young.first) {
      const handle = this.#forget(lease)
      if (handle) this.#registry.register(handle, { lease, turn: lease.turn }, lease)
    }
  }

  #forget(lease: Lease): object | undefined {
    const handle = lease.youngHandle
    lease.youngHandle = undefined
    this.#young.delete(lease)
    return handle
  }

  #dropped({ lease, turn }: Watched): void {
    if (!lease.held || lease.turn !== turn) return
    const { name } = lease
    this.#emit({ type: 'unreleased', name })
    // Once: whoever leaks locks leaks many.
    if (this.#warned) return
    this.#warned = true
    const message = `lock ${name} is held, and its handle was dropped without a release`
    process.emitWarning(message, { type: 'LocksWarning', code: 'LOCKS_UNRELEASED' })
  }
}
