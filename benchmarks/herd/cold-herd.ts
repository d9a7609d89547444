import { startRedis } from '@locks/test-servers'
import { now, sleep } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import { measureInTurn } from '../harness/measure-in-turn.ts'
import type { Scenario, Target } from '../harness/report.ts'
import { RequestCount } from '../harness/request-count.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median, percentile } from '../harness/statistics.ts'
import { contenderNames, fullName, OURS } from './contenders.ts'
import { onMemcached } from './herd-on-memcached.ts'
import type { Herd, HerdResult } from './worker.ts'

const callers = 50
const loadMs = 200
const roundsByDefault = 3

interface Round {
  readonly loads: number
  readonly requests: number
  readonly byCommand: string
  readonly latenciesMs: readonly number[]
  readonly wrong: number
}

/** All callers of all processes ask for one missing value at the same moment. */
export async function coldHerd(settings: Settings): Promise<Scenario[]> {
  const scenarios: Scenario[] = []
  for (const processes of [2, 6, 12]) scenarios.push(await coldHerdOf(processes, settings))
  scenarios.push(await onMemcached(settings))
  return scenarios
}

async function coldHerdOf(processes: number, settings: Settings): Promise<Scenario> {
  await using server = await startRedis()
  await using crew = await Crew.start(new URL('worker.ts', import.meta.url), processes)
  using count = await RequestCount.open(server.port)
  const rounds = settings.rounds ?? roundsByDefault
  const { results, missing } = await measureInTurn<Round>({
    contenders: contenderNames.filter((name) => isWanted(name, settings)),
    ours: OURS,
    rounds,
    roundsOf: () => rounds,
    measure: (contender, round) => herdOf(crew, count, contender, server.url, round),
  })
  const ours = results.get(OURS) ?? []
  const wrong = ours.reduce((sum, round) => sum + round.wrong, 0)
  return {
    title: `cold-herd: ${processes} processes of ${callers} callers, a loader of ${loadMs} ms`,
    notes: ['requests: by MONITOR, until all have been answered; median of the rounds'],
    rows: await Promise.all([...results].map(([name, each]) => row(name, each))),
    targets: targetsOf(ours, processes),
    violations: [
      ...(wrong > 0 ? [`${wrong} callers got a wrong value`] : []),
      ...(ours.some(({ loads }) => loads > 1) ? ['a loader ran more than once'] : []),
    ],
    missing,
  }
}

async function herdOf(
  crew: Crew,
  count: RequestCount,
  contender: string,
  url: string,
  round: number,
): Promise<Round> {
  // The first herd connects, subscribes and uploads scripts.
  if (round === 0) await ask(crew, { contender, url, key: 'warm' })
  await count.take()
  const results = await ask(crew, { contender, url, key: `herd-${round}` })
  const byCommand = await count.take()
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return {
    loads: sum(results.map(({ loads }) => loads)),
    requests: sum([...byCommand.values()]),
    byCommand: [...byCommand].map(([name, times]) => `${times} ${name}`).join(', '),
    latenciesMs: results.flatMap(({ latenciesMs }) => latenciesMs),
    wrong: sum(results.map(({ wrong }) => wrong)),
  }
}

async function ask(crew: Crew, what: Pick<Herd, 'contender' | 'url' | 'key'>) {
  const job: Herd = { ...what, callers, loadMs, startAtMs: now() + 100 }
  const results = await crew.all<HerdResult>('ask', job)
  // What is still written in the background counts as well.
  await sleep(30)
  return results
}

async function row(name: string, each: readonly Round[]) {
  const latencies = each.flatMap(({ latenciesMs }) => latenciesMs)
  return {
    library: await fullName(name),
    loads: digits(median(each.map(({ loads }) => loads)), 0),
    requests: digits(median(each.map(({ requests }) => requests)), 0),
    'p50 ms': digits(percentile(latencies, 0.5), 0),
    'p99 ms': digits(percentile(latencies, 0.99), 0),
    'last round': each.at(-1)?.byCommand ?? '',
  }
}

function targetsOf(ours: readonly Round[], processes: number): Target[] {
  const loads = Math.max(...ours.map((round) => round.loads))
  const requests = Math.max(...ours.map((round) => round.requests))
  const limit = 3 * processes + 2
  return [
    { what: 'loads (worst)', measured: `${loads}`, limit: '1', ok: loads === 1 },
    {
      what: 'store requests (worst)',
      measured: `${requests}`,
      limit: `<= 3 x ${processes} + 2 = ${limit}`,
      ok: requests <= limit,
    },
  ]
}

function isWanted(name: string, { only }: Settings): boolean {
  return name === OURS || only.length === 0 || only.some((part) => name.includes(part))
}
