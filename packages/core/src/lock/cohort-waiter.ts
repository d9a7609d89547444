import type { CancelTimer, Clock } from '../clock.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Link, LinkedSet } from '../linked-set.ts'
import type { Wanted } from './attempt.ts'
import type { PassedOn } from './cohort.ts'

/** How waiting in a cohort ends: with a lease, as the one who asks the store for it, or in vain. */
export type News = PassedOn | 'lead' | 'over'

interface Waiting {
  readonly wanted: Wanted
  readonly interrupt: Interrupt
  readonly clock: Clock
  hear(news: News): void
  reject(reason: unknown): void
}

/** One who waits in a cohort, until there is news, its time is over, or it is interrupted. */
export class CohortWaiter implements Link<CohortWaiter> {
  set?: unknown
  previous?: CohortWaiter | undefined
  next?: CohortWaiter | undefined
  readonly wanted: Wanted
  readonly #line: LinkedSet<CohortWaiter>
  readonly #waiting: Waiting
  readonly #cancel: CancelTimer | undefined
  readonly #stop: () => void

  constructor(line: LinkedSet<CohortWaiter>, waiting: Waiting) {
    const { wanted, interrupt, clock } = waiting
    this.wanted = wanted
    this.#line = line
    this.#waiting = waiting
    if (wanted.waitMs < Infinity) {
      this.#cancel = clock.after(wanted.waitMs, () => this.hear('over'))
    }
    this.#stop = interrupt.onTrip((reason) => {
      this.#leave()
      waiting.reject(reason)
    })
  }

  hear(news: News): void {
    this.#leave()
    this.#waiting.hear(news)
  }

  #leave(): void {
    this.#line.delete(this)
    this.#cancel?.()
    this.#stop()
  }
}
