import { setImmediate } from 'node:timers/promises'
import type { Lock } from '../../src/index.ts'

/** What a resource sees that must be used by one at a time. */
export class Witness {
  readonly fences: number[] = []
  overlaps = 0
  #inside = 0

  /** Some turns of work under the lock. */
  async work(lock: Lock): Promise<void> {
    if (lock.fence !== undefined) this.fences.push(lock.fence)
    if (++this.#inside > 1) this.overlaps++
    for (let turn = 0; turn < 3; turn++) await setImmediate()
    this.#inside--
  }

  get fencesGrow(): boolean {
    return this.fences.every((fence, i) => i === 0 || fence > (this.fences[i - 1] as number))
  }
}
