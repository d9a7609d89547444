import type { Target } from '../harness/report.ts'
import { digits, median } from '../harness/statistics.ts'
import type { Verdict } from './judge.ts'

/** Who contends, and for how long. */
export interface Shape {
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

export const shapes: readonly Shape[] = [
  {
    ...{ title: '1 process of 50 callers, 5 ms sections', processes: 1, callers: 50 },
    ...{ ...loop, rounds: 3, peerRounds: 1, slackMs: 0 },
    target: (ours, reference) => {
      const ratio = median(ours.map((run, at) => run.perSecond / (reference[at]?.perSecond ?? 0)))
      return [atLeast('throughput over that of the BLPOP reference', ratio, 0.97)]
    },
  },
  {
    ...{ title: '4 processes of 12 callers, 5 ms sections', processes: 4, callers: 12 },
    ...{ ...loop, rounds: 3, peerRounds: 1, slackMs: 25 },
    target: () => [],
  },
  {
    ...{ title: '16 processes of 1 caller, 3 turns of 50 ms', processes: 16, callers: 1 },
    ...{ turns: 3, sectionMs: 50, roundTripMs: 2, lastsMs: 20_000 },
    ...{ rounds: 3, peerRounds: 1, slackMs: 25 },
    target: (ours) => {
      const totalMs = median(ours.map((run) => run.totalMs))
      return [atMost('milliseconds for 16 x 3 turns', totalMs, 2400 * 1.12)]
    },
  },
]

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
