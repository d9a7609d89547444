import { mean, percentile } from '../harness/statistics.ts'
import type { Section } from './section-log.ts'

/** All sections of one run, each caller told from those of other processes. */
export interface Run {
  readonly sections: readonly (Section & { readonly process: number })[]
  readonly callers: number
  readonly startAtMs: number
  readonly endAtMs: number
  readonly failures: number
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
  /** Of all sections: from the call of `acquire()` until it has resolved. */
  readonly waitP99Ms: number
  readonly maxOverMeanWait: number
  /**
   * The same with waits counted in sections of others. A pause of the machine makes one wait longer in
   * milliseconds, but only the lock can make it longer in turns.
   */
  readonly maxOverMeanTurns: number
  /** Of the sections per caller: 1 = all the same, 1 / callers = one had them all. */
  readonly jain: number
  /**
   * From the call of `release()` until the `acquire()` of the next one has resolved, where that one had
   * asked before the release.
   */
  readonly handOffP50Ms: number
  readonly handOffP99Ms: number
  /** Acquires and releases that were rejected. */
  readonly failures: number
  readonly overlaps: number
  /** Grants whose fence was not above the one before. */
  readonly fenceFaults: number
}

/** `slackMs`: two who ask in different processes this close together ask at the same time. */
export function judge(run: Run, slackMs: number): Verdict {
  const inOrder = run.sections.toSorted(
    (a, b) => a.enteredAtMs - b.enteredAtMs || a.askedAtMs - b.askedAtMs,
  )
  const granted = inOrder.filter(({ leftAtMs }) => !Number.isNaN(leftAtMs))
  const inTime = granted.filter(({ enteredAtMs }) => enteredAtMs < run.endAtMs)
  const turns = new Map<string, number>()
  for (const { process, caller } of inTime) {
    const who = `${process}:${caller}`
    turns.set(who, 1 + (turns.get(who) ?? 0))
  }
  const waits = inOrder.map((section) => section.enteredAtMs - section.askedAtMs)
  const turnsWaited = turnsWaitedIn(inOrder)
  const pairs = pairsOf(granted)
  const handOffs = handOffsOf(pairs, run.endAtMs)
  const last = inTime.at(-1)
  const firstAskedMs = inOrder.reduce((ms, { askedAtMs }) => Math.min(ms, askedAtMs), Infinity)
  const spanMs = last ? last.leftAtMs - firstAskedMs : Number.NaN
  return {
    perSecond: (inTime.length / spanMs) * 1000,
    totalMs: (last?.leftAtMs ?? Number.NaN) - run.startAtMs,
    requestsPerAcquisition: (run.requests ?? Number.NaN) / granted.length,
    overtakings: overtakingsIn(inOrder, slackMs),
    starved: run.callers - turns.size,
    waitP99Ms: percentile(waits, 0.99),
    maxOverMeanWait: maxOverMean(waits),
    maxOverMeanTurns: maxOverMean(turnsWaited),
    jain: jainOf([...turns.values()], run.callers),
    handOffP50Ms: percentile(handOffs, 0.5),
    handOffP99Ms: percentile(handOffs, 0.99),
    failures: run.failures,
    overlaps: pairs.filter(([a, b]) => b.enteredAtMs < a.leftAtMs).length,
    fenceFaults: pairs.filter(([a, b]) => !(b.fence > a.fence)).length,
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

const maxOverMean = (values: readonly number[]): number =>
  values.reduce((one, other) => Math.max(one, other), 0) / mean(values)

/** How many have entered since each has asked. */
function turnsWaitedIn(inOrder: readonly Section[]): number[] {
  const byAsking = inOrder
    .map(({ askedAtMs }, place) => ({ askedAtMs, place }))
    .sort((a, b) => a.askedAtMs - b.askedAtMs)
  let entered = 0
  return byAsking.map(({ askedAtMs, place }) => {
    while ((inOrder[entered]?.enteredAtMs ?? Infinity) < askedAtMs) entered++
    return place - entered
  })
}

function handOffsOf(pairs: readonly (readonly [Section, Section])[], endAtMs: number): number[] {
  return pairs
    .filter(([a, b]) => b.askedAtMs <= a.leftAtMs && b.enteredAtMs < endAtMs)
    .map(([a, b]) => b.enteredAtMs - a.leftAtMs)
}

/** Jain's index of fairness, with nothing for those who are not among `shares`. */
function jainOf(shares: readonly number[], callers: number): number {
  const sum = shares.reduce((one, other) => one + other, 0)
  return sum ** 2 / (callers * shares.reduce((squares, share) => squares + share ** 2, 0))
}

function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.slice(1).map((item, at) => [items[at] as T, item] as const)
}
