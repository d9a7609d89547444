/**
 * What the suites need of a test runner: `describe` and `test` as Jest, Vitest, Mocha and `node:test`
 * have them. `test.skip` names what a store cannot be held to; without it, a case that passes does.
 */
export interface Runner {
  readonly describe: (title: string, define: () => void) => unknown
  readonly test: RunnerTest
}

/** The `test` of a test runner, with its `skip` where it has one. */
export interface RunnerTest {
  /** The third argument is Jest's and Vitest's; the others let it pass. */
  (title: string, run: () => Promise<void>, timeoutMs: number): unknown
  readonly skip?: (title: string, run: () => Promise<void>) => unknown
}
