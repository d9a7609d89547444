import type { Target } from '../harness/report.ts'
import { digits, median } from '../harness/statistics.ts'
import { isPeer, LOCAL, OURS, REFERENCE } from './contenders.ts'
import type { Verdict } from './judge.ts'

/** Who contends, and for how long. */
export type Verdicts = ReadonlyMap<string, readonly Verdict[]>

/** Who contends, and for how long. */
export interface Shape {
  readonly title: string
  readonly processes: number
  readonly callers: number
  readonly turns: number
  readonly sectionMs: number
  /** Before a caller asks again. */
  readonly restMs: number
  readonly roundTripMs: number
  readonly lastsMs: number
  readonly rounds: number
  readonly peerRounds: number
  /** Who is beside us: nobody, peers at their best, or also with their defaults. */
  readonly peers: 'none' | 'best' | 'all'
  readonly slackMs: number
  /** The targets that only this shape has, by the rounds that were timed. */
  targets(verdicts: Verdicts): Target[]
}

const loop = { turns: Infinity, sectionMs: 5, restMs: 0, roundTripMs: 0, lastsMs: 600 }
const often = { rounds: 3, peerRounds: 1, slackMs: 0, peers: 'best' as const }
/** Who is fast only because the others starve is measured in a loop without a rest. */
const tight = { ...loop, ...often, sectionMs: 0, lastsMs: 500, slackMs: 25, peers: 'all' as const }

export const shapes: readonly Shape[] = [
  {
    ...{ title: '1 process of 50 callers, 5 ms sections', processes: 1, callers: 50 },
    ...{ ...loop, ...often },
    targets: (all) => [ratioTo(all, OURS, REFERENCE, 0.97)],
  },
  {
    ...{ title: '4 processes of 12 callers, 5 ms sections', processes: 4, callers: 12 },
    ...{ ...loop, ...often, slackMs: 25 },
    targets: () => [],
  },
  {
    ...{ title: 'think: 50 callers rest 10-30 ms, 5 ms sections', processes: 1, callers: 50 },
    ...{ ...loop, ...often, restMs: 10, lastsMs: 1200, slackMs: 5, peers: 'all' as const },
    targets: (all) => [
      ratioTo(all, OURS, REFERENCE, 0.98),
      waits(all, OURS, 1.5),
      handOff(all, OURS, REFERENCE, 0.1),
    ],
  },
  {
    ...{ title: 'drain: 50 callers, once, empty sections', processes: 1, callers: 50 },
    ...{ ...tight, turns: 1, lastsMs: 20_000, rounds: 9, peers: 'best' as const },
    targets: (all) => [ratioTo(all, OURS, REFERENCE, 1), ratioTo(all, LOCAL, REFERENCE, 10)],
  },
  {
    ...{ title: 'loop: 1 process of 50 callers, empty sections', processes: 1, callers: 50 },
    ...tight,
    targets: (all) => [...ratioToPeers(all, LOCAL, 20), ...fair(all, LOCAL)],
  },
  {
    ...{ title: 'loop: 4 processes of 12 callers, empty sections', processes: 4, callers: 12 },
    ...tight,
    targets: (all) => [...ratioToPeers(all, LOCAL, 3), ...fair(all, LOCAL)],
  },
  {
    ...{ title: '16 processes of 1 caller, 3 turns of 50 ms', processes: 16, callers: 1 },
    ...{ turns: 3, sectionMs: 50, restMs: 0, roundTripMs: 2, lastsMs: 20_000 },
    ...{ ...often, slackMs: 25, peers: 'none' },
    targets: (all) => {
      const totalMs = median(runsOf(all, OURS).map((run) => run.totalMs))
      return [atMost('milliseconds for 16 x 3 turns', totalMs, 2400 * 1.12)]
    },
  },
]

const runsOf = (all: Verdicts, name: string): readonly Verdict[] => all.get(name) ?? []
const speedOf = (all: Verdicts, name: string): number =>
  median(runsOf(all, name).map((run) => run.perSecond))

/** Round by round, since the machine changes its pace. */
function ratioTo(all: Verdicts, name: string, other: string, limit: number): Target {
  const others = runsOf(all, other)
  const ratio = median(
    runsOf(all, name).map((run, at) => run.perSecond / (others[at]?.perSecond ?? 0)),
  )
  return atLeast(`throughput of ${name} over that of ${other}`, ratio, limit)
}

/** A peer that lets the releasing caller barge is fast because others starve: so its fairness is told, too. */
function ratioToPeers(all: Verdicts, name: string, limit: number): Target[] {
  const [fastest] = [...all.keys()].filter(isPeer).sort((a, b) => speedOf(all, b) - speedOf(all, a))
  if (fastest === undefined) return []
  const of = (field: 'maxOverMeanWait' | 'starved') =>
    digits(median(runsOf(all, fastest).map((run) => run[field])), 0)
  const its = `max/mean wait ${of('maxOverMeanWait')}, starved ${of('starved')}`
  const what = `throughput of ${name} over that of the fastest peer, ${fastest} (${its})`
  return [atLeast(what, speedOf(all, name) / speedOf(all, fastest), limit)]
}

const fair = (all: Verdicts, name: string): Target[] => [
  waits(all, name, 4),
  atMost(
    `max/mean wait of ${name}, in turns`,
    median(runsOf(all, name).map((run) => run.maxOverMeanTurns)),
    4,
  ),
  atMost(`starved with ${name}`, Math.max(...runsOf(all, name).map((run) => run.starved)), 0),
]

const waits = (all: Verdicts, name: string, limit: number): Target =>
  atMost(
    `max/mean wait of ${name}`,
    median(runsOf(all, name).map((run) => run.maxOverMeanWait)),
    limit,
  )

function handOff(all: Verdicts, name: string, other: string, moreMs: number): Target {
  const p50 = (who: string) => median(runsOf(all, who).map((run) => run.handOffP50Ms))
  const what = `hand-off p50 of ${name}, in ms above that of ${other}`
  return atMost(what, p50(name) - p50(other), moreMs)
}

export function atMost(what: string, measured: number, limit: number): Target {
  return {
    what,
    measured: digits(measured, 2),
    limit: `<= ${digits(limit)}`,
    ok: measured <= limit,
  }
}

function atLeast(what: string, measured: number, limit: number): Target {
  return { what, measured: digits(measured, 3), limit: `>= ${limit}`, ok: measured >= limit }
}
