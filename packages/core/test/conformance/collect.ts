import type { Runner } from '../../src/conformance/index.ts'

export interface Outcome {
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly error?: unknown
}

/** A runner that runs the cases of a suite at once: most only wait for a TTL. */
export class Collector implements Runner {
  readonly titles: string[] = []
  readonly outcomes = new Map<string, Outcome>()
  readonly #cases: { readonly title: string; readonly run: () => Promise<void> }[] = []

  readonly describe = (title: string, define: () => void): void => {
    this.titles.push(title)
    define()
  }

  readonly test = Object.assign(
    (title: string, run: () => Promise<void>) => {
      this.#cases.push({ title, run })
    },
    { skip: (title: string) => this.outcomes.set(title, { state: 'skipped' }) },
  )

  /** Runs all cases, or the one with this title. */
  async run(only?: string): Promise<this> {
    const cases = this.#cases.filter(({ title }) => only === undefined || title === only)
    await Promise.all(cases.map(({ title, run }) => this.#runOne(title, run)))
    return this
  }

  /** The rules in this state. */
  in(state: Outcome['state']): readonly string[] {
    return [...this.outcomes].filter(([, outcome]) => outcome.state === state).map(([rule]) => rule)
  }

  /** Calls the case as Vitest and `node:test` do: with a context that can skip. */
  async #runOne(title: string, run: (context: object) => Promise<void>): Promise<void> {
    let outcome: Outcome = { state: 'passed' }
    const context = {
      skip: () => {
        outcome = { state: 'skipped' }
      },
    }
    try {
      await run(context)
    } catch (error) {
      outcome = { state: 'failed', error }
    }
    this.outcomes.set(title, outcome)
  }
}
