import { setTimeout as sleep } from 'node:timers/promises'
import type { Lock, LockGrant } from '@locks/core'
import { sharedClock, type Tenancy } from '@locks/history'
import { codeOf } from './failure.ts'
import type { Worker } from './worker.ts'

const LOOK_MS = 20

/** Some time with a lock, as it goes on record. */
export class Stay {
  readonly lock: string
  readonly fence: number | undefined
  readonly #worker: Worker
  /** Not by the lock's own token: those who hand a lock on inside a process share one. */
  readonly #tenancy: Tenancy
  readonly #handle: Lock

  constructor(worker: Worker, tenancy: Tenancy, handle: Lock, forMs: number) {
    this.lock = tenancy.lock
    this.fence = handle.fence
    this.#worker = worker
    this.#tenancy = tenancy
    this.#handle = handle
    worker.link.report({ is: 'holds', ...tenancy, forMs })
    handle.signal.addEventListener('abort', () => this.#lose())
    if (this.held && handle.signal.aborted) this.#surprise('a lock is held and lost')
  }

  /** Whether it is believed in now. */
  get held(): boolean {
    return this.#worker.recorder.witness(this.#tenancy, () => this.#handle.held)
  }

  /** Stays until then or until the lock is lost. */
  async stay(forMs: number): Promise<void> {
    const untilMs = sharedClock.now() + forMs
    for (let leftMs = forMs; leftMs > 0 && this.held; leftMs = untilMs - sharedClock.now()) {
      await sleep(Math.min(LOOK_MS, leftMs))
    }
  }

  async extend(): Promise<void> {
    const { ttlMs, recorder } = this.#worker
    const asked = recorder.begin('extend', { ...this.#tenancy, ttlMs })
    try {
      asked.end({ is: (await this.#handle.extend()) ? 'extended' : 'lost' })
    } catch (error) {
      asked.end({ is: 'unknown', code: codeOf(error, this.#worker) })
    }
  }

  async release(): Promise<void> {
    const wasHeld = this.held
    const asked = this.#worker.recorder.begin('release', this.#tenancy)
    this.#part()
    try {
      const released = await this.#handle.release()
      asked.end({ is: released ? 'released' : 'lost' })
      if (released && !wasHeld) this.#surprise('a lock that was not held has been released')
    } catch (error) {
      asked.end({ is: 'unknown', code: codeOf(error, this.#worker) })
    }
  }

  /** Gives the lock away; `undefined` = it is lost. */
  handOver(): LockGrant | undefined {
    if (!this.held) return undefined
    const asked = this.#worker.recorder.begin('release', this.#tenancy)
    this.#part()
    const grant = this.#handle.handover()
    // No store was asked: whether it was still ours to give shows when it is adopted.
    asked.end({ is: 'unknown', code: 'HANDED_OVER' })
    return grant
  }

  #lose(): void {
    const { reason } = this.#handle.signal.reason as { reason: string }
    this.#worker.recorder.note('lost', { ...this.#tenancy, reason }, { is: 'seen' })
    this.#part()
  }

  #part(): void {
    this.#worker.link.report({ is: 'parts', token: this.#tenancy.token })
  }

  #surprise(by: string): void {
    this.#worker.link.report({ is: 'surprised', by })
  }
}
