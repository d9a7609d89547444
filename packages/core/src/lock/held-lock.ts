import { type Duration, toMs } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { Lease } from './lease.ts'
import type { Lock, ReleaseOptions } from './lock.ts'
import type { LockGrant } from './lock-grant.ts'
import type { LockMode } from './options.ts'

/** The handle to a lease: what its caller does with it. */
export class HeldLock implements Lock {
  readonly name: string
  readonly token: string
  readonly fence: number | undefined
  readonly mode: LockMode
  readonly #engine: Engine
  readonly #lease: Lease

  constructor(engine: Engine, lease: Lease) {
    const { name, token, fence, mode } = lease.grant
    this.name = name
    this.token = token
    this.fence = fence
    this.mode = mode
    this.#engine = engine
    this.#lease = lease
    engine.dropped.watch(this, lease)
  }

  get held(): boolean {
    return this.#lease.held
  }

  get remaining(): number {
    return Math.floor(this.#lease.remaining)
  }

  get signal(): AbortSignal {
    return this.#lease.signal
  }

  assertHeld(): void {
    this.#lease.assertHeld()
  }

  verify(): Promise<boolean> {
    return this.#lease.verify()
  }

  async extend(ttl?: Duration): Promise<boolean> {
    return this.#lease.extend(ttl === undefined ? this.#lease.grant.ttlMs : toMs(ttl, 'ttl'))
  }

  async release(options: ReleaseOptions = {}): Promise<boolean> {
    if (typeof options !== 'object' || options === null) {
      throw new InvalidArgumentError('options must be an object')
    }
    const { after = 0 } = options
    return this.#lease.release(toMs(after, 'after', 0))
  }

  handover(): LockGrant {
    return this.#lease.handOver()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch((error: Error) => {
      this.#engine.emit({ type: 'store-error', name: this.name, error })
    })
  }
}
