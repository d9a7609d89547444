import type { Clock } from '../clock.ts'
import type { LeaseStore } from '../contract/lease-store.ts'
import { StoreUnavailableError } from '../errors.ts'
import { LeaseClient } from '../lock/lease-client.ts'
import { Undo } from '../lock/undo.ts'
import type { Random } from '../random.ts'

/** One store of a quorum, with a deadline, a knowledge of its clock and undos of its own. */
export class QuorumNode {
  readonly leases: LeaseClient
  readonly undo: Undo
  readonly #store: LeaseStore
  readonly #clock: Clock
  #outUntilMs = Number.NEGATIVE_INFINITY

  constructor(store: LeaseStore, clock: Clock, random: Random, timeoutMs: number) {
    this.#store = store
    this.#clock = clock
    this.leases = new LeaseClient(store, clock, timeoutMs)
    this.undo = new Undo(this.leases, clock, random)
  }

  /** It has lost what it stored: for that long, somebody may hold a lease that it has forgotten. */
  stayOut(durationMs: number): void {
    this.#outUntilMs = Math.max(this.#outUntilMs, this.#clock.now() + durationMs)
  }

  /** @throws StoreUnavailableError while its grants do not count. */
  assertIn(): void {
    const leftMs = Math.ceil(this.#outUntilMs - this.#clock.now())
    if (leftMs <= 0) return
    throw new StoreUnavailableError(`it lost what it stored and stays out for ${leftMs} ms`)
  }

  /** What it has not given back is left to its ttl, once the node does not answer. */
  close(): Promise<void> | undefined {
    this.undo.close()
    return this.#store.close?.()
  }
}
