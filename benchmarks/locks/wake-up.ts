import { RespConnection, startProxy, startRedis } from '@locks/test-servers'
import { now } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import { countingRound, measureInTurn } from '../harness/measure-in-turn.ts'
import type { Scenario } from '../harness/report.ts'
import { RequestCount, sumOf } from '../harness/request-count.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median, percentile } from '../harness/statistics.ts'
import { fullName, isPeer, OURS, wantedContenders } from './contenders.ts'

/** Locks that are handed over side by side; each has its own moment. */
const pairs = 16
/** The one that counts, and two that are timed. */
const PEER_ROUNDS = 3

interface Result {
  readonly delaysMs: number[]
  /** Of the counting round. */
  readonly requestsPerCycle?: number
}

/** From the call of `release()` in one process until another, which waits, holds the lock. */
export async function wakeUp(settings: Settings): Promise<Scenario[]> {
  const scenarios: Scenario[] = []
  for (const roundTripMs of [2, 20]) scenarios.push(await wakeUpAt(roundTripMs, settings))
  return scenarios
}

async function wakeUpAt(roundTripMs: number, settings: Settings): Promise<Scenario> {
  await using server = await startRedis()
  await using proxy = await startProxy(server)
  await using crew = await Crew.start(new URL('worker.ts', import.meta.url), 2)
  proxy.delay(roundTripMs / 2)
  const rounds = countingRound + 1 + (settings.rounds ?? 4)
  const { results, missing } = await measureInTurn<Result>({
    contenders: wantedContenders(settings),
    ours: OURS,
    rounds,
    roundsOf: (name) => (isPeer(name) ? Math.min(rounds, PEER_ROUNDS) : rounds),
    measure: (contender, round) =>
      handOver({ crew, port: server.port, contender, url: proxy.url('redis'), round }),
  })
  const pingMs = await pingThrough(proxy.port)
  const rows = await Promise.all([...results].map(([name, rounds]) => row(name, rounds)))
  const ours = results.get(OURS)?.flatMap(({ delaysMs }) => delaysMs) ?? []
  const limitMs = 1.2 * roundTripMs + 2
  const p50 = percentile(ours, 0.5)
  return {
    title: `wake-up: one holder, one waiter, two processes, ${roundTripMs} ms round trip`,
    notes: [
      `a PING through the proxy takes ${digits(pingMs, 2)} ms (median)`,
      'requests: by MONITOR in a round of their own, per acquire + release of both',
    ],
    rows,
    targets: [
      {
        what: `wake-up p50 at ${roundTripMs} ms`,
        measured: `${digits(p50, 2)} ms`,
        limit: `<= 1.2 round trips + 2 ms = ${digits(limitMs)} ms`,
        ok: p50 <= limitMs,
      },
    ],
    violations: ours.some((delay) => delay < 0) ? ['a waiter held before the release'] : [],
    missing,
  }
}

interface Turn {
  readonly crew: Crew
  readonly port: number
  readonly contender: string
  readonly url: string
  readonly round: number
}

async function handOver({ crew, port, contender, url, round }: Turn): Promise<Result> {
  const connection = { contender, url }
  if (round === 0) await warmUp(crew, contender, url)
  using count = round === countingRound ? await RequestCount.open(port) : undefined
  const names = Array.from({ length: pairs }, (_, at) => `wake:${contender}:${round}:${at}`)
  const job = { ...connection, names, holdMs: names.map(() => 150 + Math.random() * 300) }
  await crew.one(0, 'hold', job)
  const [released, entered] = await Promise.all([
    crew.one<number[]>(0, 'releaseAll', job),
    crew.one<number[]>(1, 'awaitAll', job),
  ])
  if (count) return { delaysMs: [], requestsPerCycle: sumOf(await count.take()) / pairs }
  return { delaysMs: entered.map((at, pair) => at - (released[pair] ?? Number.NaN)) }
}

async function warmUp(crew: Crew, contender: string, url: string): Promise<void> {
  const job = { contender, url, name: `warm:${contender}`, callers: 2, turns: 1, lastsMs: 1000 }
  await crew.one(0, 'prepare', job)
  await crew.all('warmUp', job)
}

async function row(name: string, rounds: readonly Result[]) {
  const delays = rounds.flatMap(({ delaysMs }) => delaysMs)
  return {
    library: await fullName(name),
    'p50 ms': digits(percentile(delays, 0.5)),
    'p95 ms': digits(percentile(delays, 0.95)),
    'requests per cycle': digits(rounds[countingRound]?.requestsPerCycle ?? Number.NaN),
    samples: delays.length,
  }
}

async function pingThrough(port: number): Promise<number> {
  using connection = await RespConnection.open(port)
  const times: number[] = []
  for (let turn = 0; turn < 21; turn++) {
    const startedAt = now()
    await connection.call('PING')
    times.push(now() - startedAt)
  }
  return median(times)
}
