import { type Duration, toMs } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { Lease } from './lease.ts'
import type { Lock, ReleaseOptions } from './lock.ts'
import type { LockGrant } from './lock-grant.ts'
import type { LockMode } from './options.ts'
import { wasReleased } from './was-released.ts'

/** The handle to one turn of a lease: what its caller does with it. When the turn is over, nothing. */
export class HeldLock implements Lock {
  readonly name: string
  readonly token: string
  readonly fence: number | undefined
  readonly mode: LockMode
  readonly #engine: Engine
  readonly #lease: Lease
  readonly #turn: number
  #signal: AbortSignal | undefined

  constructor(engine: Engine, lease: Lease) {
    const { name, token, mode } = lease.grant
    this.name = name
    this.token = token
    this.fence = lease.fence
    this.mode = mode
    this.#engine = engine
    this.#lease = lease
    this.#turn = lease.turn
    engine.dropped.watch(this, lease)
  }

  get held(): boolean {
    return this.#lasts && this.#lease.held
  }

  get remaining(): number {
    return this.#lasts ? Math.floor(this.#lease.remaining) : 0
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#lasts ? this.#lease.signal : new AbortController().signal
    return this.#signal
  }

  assertHeld(): void {
    if (!this.#lasts) throw wasReleased(this.name)
    this.#lease.assertHeld()
  }

  async verify(): Promise<boolean> {
    return this.#lasts && (await this.#lease.verify()) && this.#lasts
  }

  async extend(ttl?: Duration): Promise<boolean> {
    const ttlMs = ttl === undefined ? this.#lease.grant.ttlMs : toMs(ttl, 'ttl')
    return this.#lasts && (await this.#lease.extend(ttlMs)) && this.#lasts
  }

  async release(options: ReleaseOptions = {}): Promise<boolean> {
    if (typeof options !== 'object' || options === null) {
      throw new InvalidArgumentError('options must be an object')
    }
    const { after = 0 } = options
    const afterMs = toMs(after, 'after', 0)
    if (!this.#lasts) return false
    if (afterMs === 0 && this.#lease.passOn()) return true
    const released = this.#lease.release(afterMs)
    return typeof released === 'boolean' ? released : await released
  }

  handover(): LockGrant {
    if (!this.#lasts) throw wasReleased(this.name)
    return this.#lease.handOver()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch((error: Error) => {
      this.#engine.emit({ type: 'store-error', name: this.name, error })
    })
  }

  /** Nobody has got the lease from it. */
  get #lasts(): boolean {
    return this.#turn === this.#lease.turn
  }
}
