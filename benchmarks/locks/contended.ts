import { startProxy, startRedis } from '@locks/test-servers'
import { now, sleep } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import { measureInTurn } from '../harness/measure-in-turn.ts'
import type { Scenario, Target } from '../harness/report.ts'
import { RequestCount } from '../harness/request-count.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { fullName, isPeer, OURS, REFERENCE, wantedContenders } from './contenders.ts'
import { judge, type Verdict } from './judge.ts'
import type { Contention, Section } from './worker.ts'

interface Shape {
  readonly title: string
  readonly processes: number
  readonly callers: number
  readonly turns: number
  readonly sectionMs: number
  readonly roundTripMs: number
  readonly lastsMs: number
  readonly rounds: number
  readonly peerRounds: number
  readonly slackMs: number
  /** The target that only this shape has. */
  target(ours: readonly Verdict[], reference: readonly Verdict[]): Target[]
}

const loop = { turns: Infinity, sectionMs: 5, roundTripMs: 0, lastsMs: 1000 }

const shapes: readonly Shape[] = [
  {
    ...{ title: '1 process of 50 callers, 5 ms sections', processes: 1, callers: 50 },
    ...{ ...loop, rounds: 3, peerRounds: 2, slackMs: 0 },
    target: (ours, reference) => {
      const ratio = median(ours.map((run, at) => run.perSecond / (reference[at]?.perSecond ?? 0)))
      return [atLeast('throughput over that of the BLPOP reference', ratio, 0.97)]
    },
  },
  {
    ...{ title: '4 processes of 12 callers, 5 ms sections', processes: 4, callers: 12 },
    ...{ ...loop, rounds: 3, peerRounds: 2, slackMs: 10 },
    target: () => [],
  },
  {
    ...{ title: '16 processes of 1 caller, 3 turns of 50 ms', processes: 16, callers: 1 },
    ...{ turns: 3, sectionMs: 50, roundTripMs: 2, lastsMs: 20_000 },
    ...{ rounds: 3, peerRounds: 1, slackMs: 10 },
    target: (ours) => {
      const totalMs = median(ours.map((run) => run.totalMs))
      return [atMost('milliseconds for 16 x 3 turns', totalMs, 2400 * 1.12)]
    },
  },
]

/** Many callers, one lock. */
export async function contended(settings: Settings): Promise<Scenario[]> {
  const scenarios: Scenario[] = []
  for (const shape of shapes) scenarios.push(await contendedIn(shape, settings))
  return scenarios
}

async function contendedIn(shape: Shape, settings: Settings): Promise<Scenario> {
  await using server = await startRedis()
  await using proxy = await startProxy(server)
  proxy.delay(shape.roundTripMs / 2)
  const url = shape.roundTripMs > 0 ? proxy.url('redis') : server.url
  await using crew = await Crew.start(new URL('worker.ts', import.meta.url), shape.processes)
  using count = await RequestCount.open(server.port)
  const { results, missing } = await measureInTurn<Verdict>({
    contenders: wantedContenders(settings),
    ours: OURS,
    rounds: settings.rounds ?? shape.rounds,
    roundsOf: (name) => settings.rounds ?? (isPeer(name) ? shape.peerRounds : shape.rounds),
    measure: (contender, round) => run(shape, crew, count, contender, url, round),
  })
  const ours = results.get(OURS) ?? []
  return {
    title: `contended: ${shape.title}, ${shape.roundTripMs || 'no added'} ms round trip`,
    notes: [
      'requests: by MONITOR, per acquisition and its release',
      `overtakings: grants while somebody had waited over ${shape.slackMs} ms longer`,
    ],
    rows: await Promise.all([...results].map(([name, verdicts]) => row(name, verdicts))),
    targets: [...commonTargets(ours), ...shape.target(ours, results.get(REFERENCE) ?? [])],
    violations: ours.flatMap(violationsOf),
    missing,
  }
}

async function run(
  shape: Shape,
  crew: Crew,
  count: RequestCount,
  contender: string,
  url: string,
  round: number,
): Promise<Verdict> {
  const { callers, sectionMs, slackMs } = shape
  const name = `contended:${contender}:${round}`
  // One name per process: a lock that is new to all of them might have nobody to wake.
  await crew.all('warmUp', { contender, url, name: `warm:${name}` })
  await crew.one(0, 'prepare', { contender, url, name })
  await count.take()
  const startAtMs = now() + 100 + 20 * callers
  const endAtMs = startAtMs + shape.lastsMs
  const turns = Math.min(shape.turns, Number.MAX_SAFE_INTEGER)
  const job: Contention = {
    ...{ contender, url, name, callers, turns, sectionMs, startAtMs, endAtMs },
  }
  const all = await crew.all<Section[]>('contend', job)
  await sleep(20)
  const sections = all.flatMap((each, process) => each.map((section) => ({ ...section, process })))
  const requests = await count.total()
  const everybody = callers * crew.size
  return judge({ sections, callers: everybody, startAtMs, endAtMs, requests }, slackMs)
}

async function row(name: string, verdicts: readonly Verdict[]) {
  const of = (field: keyof Verdict) => median(verdicts.map((verdict) => verdict[field]))
  const fenced = verdicts.every(({ fenceFaults }) => fenceFaults === 0)
  return {
    library: await fullName(name),
    'sections/s': digits(of('perSecond')),
    'total ms': digits(of('totalMs'), 0),
    'requests/acquisition': digits(of('requestsPerAcquisition'), 2),
    overtakings: digits(of('overtakings'), 0),
    starved: digits(of('starved'), 0),
    'max/mean wait': digits(of('maxOverMeanWait')),
    overlaps: verdicts.reduce((sum, { overlaps }) => sum + overlaps, 0),
    'fences rise': fenced ? 'yes' : 'no',
  }
}

function commonTargets(ours: readonly Verdict[]): Target[] {
  const worst = (field: keyof Verdict) => Math.max(...ours.map((verdict) => verdict[field]))
  return [
    atMost('requests per acquisition', worst('requestsPerAcquisition'), 2.5),
    atMost('overtakings (FIFO)', worst('overtakings'), 0),
    atMost('starved', worst('starved'), 0),
  ]
}

function atMost(what: string, measured: number, limit: number): Target {
  return { what, measured: digits(measured, 2), limit: `<= ${limit}`, ok: measured <= limit }
}

function atLeast(what: string, measured: number, limit: number): Target {
  return { what, measured: digits(measured, 3), limit: `>= ${limit}`, ok: measured >= limit }
}

function violationsOf({ overlaps, fenceFaults }: Verdict): string[] {
  return [
    ...(overlaps > 0 ? [`${overlaps} sections overlapped`] : []),
    ...(fenceFaults > 0 ? [`${fenceFaults} fences did not rise`] : []),
  ]
}
