import type { Engine } from './engine.ts'
import type { EndHold } from './tracing.ts'

/** One turn of a lease: how long one holder has it, by which fence, and who follows that. */
export class Hold {
  readonly fence: number | undefined
  readonly acquiredAtMs: number
  readonly #engine: Engine
  readonly #follower: EndHold | undefined

  constructor(engine: Engine, name: string, fence: number | undefined, acquiredAtMs: number) {
    this.fence = fence
    this.acquiredAtMs = acquiredAtMs
    this.#engine = engine
    const { tracing } = engine
    if (tracing.follows('hold')) this.#follower = tracing.hold({ name, fence })
  }

  get heldMs(): number {
    return this.#engine.clock.now() - this.acquiredAtMs
  }

  end(end: 'released' | 'handed-over' | 'lost', error?: Parameters<EndHold>[0]['error']): void {
    this.#follower?.({ end, heldMs: this.heldMs, ...(error && { error }) })
  }
}
