import { type RedisServer, startRedis } from '@locks/test-servers'
import { now } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import { measureInTurn } from '../harness/measure-in-turn.ts'
import type { Scenario, Target } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median, percentile } from '../harness/statistics.ts'
import type { Calls, CallsResult } from './calls-worker.ts'
import { contenderNames, fullName, OURS } from './contenders.ts'

/** What all processes of one round have seen. */
export interface Round {
  readonly loads: number
  readonly latenciesMs: readonly number[]
  readonly failed: number
  readonly wrong: number
  readonly hung: number
}

export interface Comparison {
  readonly title: string
  readonly notes: readonly string[]
  /** Default all libraries. */
  readonly contenders?: readonly string[]
  readonly processes: number
  readonly rounds: number
  readonly job: Omit<Calls, 'contender' | 'url' | 'key' | 'startAtMs'>
  /** Before the calls, and after all are connected. */
  readonly upset?: (server: RedisServer) => Promise<void>
  /** A server for each round. */
  readonly anew?: boolean
  /** How often a loader of ours may run in one round. Default: as often as it likes. */
  readonly mostLoads?: number
  targetsOf(ours: readonly Round[]): Target[]
}

/** All processes make the same calls at the same moment, with each library in turn. */
export async function compareCaches(comparison: Comparison, settings: Settings): Promise<Scenario> {
  const { title, notes, processes, rounds: usual, targetsOf } = comparison
  const { contenders = contenderNames } = comparison
  const rounds = settings.rounds ?? usual
  await using shared = await startRedis()
  await using crew = await Crew.start(new URL('calls-worker.ts', import.meta.url), processes)
  const { results, missing } = await measureInTurn<Round>({
    contenders: contenders.filter((name) => isWanted(name, settings)),
    ours: OURS,
    rounds,
    roundsOf: () => rounds,
    async measure(contender, round) {
      if (!comparison.anew) return measure(comparison, crew, shared, contender, round)
      await using server = await startRedis()
      return await measure(comparison, crew, server, contender, round)
    },
  })
  return {
    title,
    notes,
    rows: await Promise.all([...results].map(([name, each]) => row(name, each))),
    targets: targetsOf(results.get(OURS) ?? []),
    violations: violationsOf(results.get(OURS) ?? [], comparison),
    missing,
  }
}

async function measure(
  { job, upset }: Comparison,
  crew: Crew,
  server: RedisServer,
  contender: string,
  round: number,
): Promise<Round> {
  const each = { ...job, contender, url: server.url }
  // Connects, subscribes and uploads scripts. Calls that last find a value when they begin.
  const key = job.durationMs ? `k${round}` : 'warm'
  const warm = { ...each, key, durationMs: 0, callers: 1, fails: false, patienceMs: 5000 }
  await crew.all<CallsResult>('call', { ...warm, startAtMs: now() })
  if (job.fails && round === 0)
    await crew.all<CallsResult>('call', { ...each, key: 'failing', startAtMs: now() })
  await upset?.(server)
  const startAtMs = now() + 100
  const results = await crew.all<CallsResult>('call', { ...each, key: `k${round}`, startAtMs })
  const sum = (of: (result: CallsResult) => number) =>
    results.reduce((total, result) => total + of(result), 0)
  return {
    loads: sum(({ loads }) => loads),
    latenciesMs: results.flatMap(({ latenciesMs }) => latenciesMs),
    failed: sum(({ failed }) => failed),
    wrong: sum(({ wrong }) => wrong),
    hung: sum(({ hung }) => hung),
  }
}

async function row(name: string, each: readonly Round[]) {
  const latencies = each.flatMap(({ latenciesMs }) => latenciesMs)
  const total = (of: (round: Round) => number) => each.reduce((sum, round) => sum + of(round), 0)
  return {
    library: await fullName(name),
    calls: latencies.length,
    'loads per round': digits(median(each.map(({ loads }) => loads)), 0),
    'p50 ms': digits(percentile(latencies, 0.5), 0),
    'p99 ms': digits(percentile(latencies, 0.99), 0),
    'worst ms': digits(Math.max(...latencies), 0),
    rejected: total(({ failed }) => failed),
    wrong: total(({ wrong }) => wrong),
    hung: total(({ hung }) => hung),
  }
}

function violationsOf(ours: readonly Round[], { mostLoads = Infinity }: Comparison): string[] {
  const wrong = worst(ours, (round) => round.wrong)
  const loads = worst(ours, (round) => round.loads)
  return [
    ...(wrong > 0 ? [`${wrong} answers in a round were of another key, or too old`] : []),
    ...(loads > mostLoads ? [`a loader ran ${loads} times instead of ${mostLoads}`] : []),
  ]
}

/** The greatest of all rounds. */
export const worst = (rounds: readonly Round[], of: (round: Round) => number): number =>
  Math.max(...rounds.map(of))

function isWanted(name: string, { only }: Settings): boolean {
  return name === OURS || only.length === 0 || only.some((part) => name.includes(part))
}
