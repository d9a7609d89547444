import type { LeaseFacts } from '../contract/lease-store.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Wanted } from './attempt.ts'
import { Cohort, type PassedOn } from './cohort.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'

/** Who waits in this process for the names that are handed on in it. */
export class Cohorts {
  readonly #facts: LeaseFacts
  /** By key. */
  readonly #cohorts = new Map<string, Cohort>()

  constructor(facts: LeaseFacts) {
    this.#facts = facts
  }

  /** In line with the others of this process. @throws as `acquireWithin`. */
  acquire(engine: Engine, wanted: Wanted, interrupt: Interrupt): Promise<Grant | PassedOn> {
    const { key } = wanted
    let cohort = this.#cohorts.get(key)
    if (!cohort) {
      cohort = new Cohort(engine, this.#facts, () => this.#cohorts.delete(key))
      this.#cohorts.set(key, cohort)
    }
    return cohort.acquire(wanted, interrupt)
  }
}
