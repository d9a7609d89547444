import { mean } from '../harness/statistics.ts'
import type { Section } from './worker.ts'

/** All sections of one run, each caller told from those of other processes. */
export interface Run {
  readonly sections: readonly (Section & { readonly process: number })[]
  readonly callers: number
  readonly startAtMs: number
  readonly endAtMs: number
  /** Unless this run was only timed. */
  readonly requests?: number | undefined
}

export interface Verdict {
  readonly perSecond: number
  /** From the common start until the last has left. */
  readonly totalMs: number
  readonly requestsPerAcquisition: number
  /** Grants while somebody else had been waiting longer. */
  readonly overtakings: number
  /** Callers that did not get in before the end. */
  readonly starved: number
  readonly maxOverMeanWait: number
  readonly overlaps: number
  /** Grants whose fence was not above the one before. */
  readonly fenceFaults: number
}

/** `slackMs`: two who ask in different processes this close together ask at the same time. */
export function judge(run: Run, slackMs: number): Verdict {
  const inOrder = run.sections.toSorted((a, b) => a.enteredAtMs - b.enteredAtMs)
  const inTime = inOrder.filter(({ enteredAtMs }) => enteredAtMs < run.endAtMs)
  const served = new Set(inTime.map(({ process, caller }) => `${process}:${caller}`))
  const waits = inOrder.map((section) => section.enteredAtMs - section.askedAtMs)
  const last = inTime.at(-1)
  const firstAskedMs = inOrder.reduce((ms, { askedAtMs }) => Math.min(ms, askedAtMs), Infinity)
  const spanMs = last ? last.leftAtMs - firstAskedMs : Number.NaN
  return {
    perSecond: (inTime.length / spanMs) * 1000,
    totalMs: (last?.leftAtMs ?? Number.NaN) - run.startAtMs,
    requestsPerAcquisition: (run.requests ?? Number.NaN) / inOrder.length,
    overtakings: overtakingsIn(inOrder, slackMs),
    starved: run.callers - served.size,
    maxOverMeanWait: waits.reduce((one, other) => Math.max(one, other), 0) / mean(waits),
    overlaps: pairsOf(inOrder).filter(([a, b]) => b.enteredAtMs < a.leftAtMs).length,
    fenceFaults: pairsOf(inOrder).filter(([a, b]) => !((b.fence ?? 0) > (a.fence ?? 0))).length,
  }
}

/** Sections whose caller asked later than one that entered later. */
function overtakingsIn(inOrder: readonly Section[], slackMs: number): number {
  let earliestMs = Infinity
  let overtakings = 0
  for (const { askedAtMs } of inOrder.toReversed()) {
    if (earliestMs + slackMs < askedAtMs) overtakings++
    earliestMs = Math.min(earliestMs, askedAtMs)
  }
  return overtakings
}

function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.slice(1).map((item, at) => [items[at] as T, item] as const)
}
