import type { Environment } from './environment.ts'
import type { Scenario } from './report.ts'

/** What one benchmark has found, and with which settings. */
export interface BenchResult {
  readonly bench: string
  readonly seconds: number
  readonly scenarios: readonly Scenario[]
  /** By contender: what differs from its defaults. */
  readonly settings: Readonly<Record<string, string>>
  /** Why it ended early, if it did. */
  readonly failed?: string
}

/** One run of all benchmarks: what the page is drawn from. */
export interface Results {
  readonly environment: Environment
  readonly benches: readonly BenchResult[]
}
