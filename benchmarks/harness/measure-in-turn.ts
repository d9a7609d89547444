import type { Missing } from './report.ts'

/** What is measured, and how often. */
export interface Plan<Result> {
  readonly contenders: readonly string[]
  /** Its failure is not that of a peer, but the benchmark's. */
  readonly ours: string
  /** Of ours; the longest. */
  readonly rounds: number
  /** Of one contender. */
  roundsOf(contender: string): number
  measure(contender: string, round: number): Promise<Result>
}

/**
 * The round that only counts. MONITOR, by which requests are counted, doubles the time of a script
 * in the server: what is timed is timed without it.
 */
export const countingRound = 0

/** The results of each contender, and who could not be measured. */
export interface Measured<Result> {
  readonly results: ReadonlyMap<string, readonly Result[]>
  readonly missing: readonly Missing[]
}

/**
 * All contenders in turn, round after round, so that a machine that changes its pace is unfair to
 * nobody. A peer that fails is missing from then on.
 */
export async function measureInTurn<Result>(plan: Plan<Result>): Promise<Measured<Result>> {
  const results = new Map<string, Result[]>()
  const failed = new Map<string, Missing>()
  for (let round = 0; round < plan.rounds; round++) {
    const due = plan.contenders.filter((name) => round < plan.roundsOf(name) && !failed.has(name))
    for (const name of due) {
      const outcome = await attempt(plan, name, round)
      if ('why' in outcome) failed.set(name, outcome)
      else results.set(name, [...(results.get(name) ?? []), outcome.result])
    }
  }
  for (const name of failed.keys()) results.delete(name)
  return { results, missing: [...failed.values()] }
}

async function attempt<Result>(
  { ours, measure }: Plan<Result>,
  name: string,
  round: number,
): Promise<{ readonly result: Result } | Missing> {
  try {
    return { result: await measure(name, round) }
  } catch (error) {
    if (name === ours) throw error
    return { name, why: (error as Error).message }
  }
}
