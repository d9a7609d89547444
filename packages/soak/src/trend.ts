import type { Measure, Sample } from './sample.ts'
import { median, slope } from './slope.ts'

/** What one measure of one process did in the time that counts. */
export interface Trend {
  readonly process: string
  readonly measure: Measure
  readonly first: number
  readonly last: number
  /** Per 10 minutes. */
  readonly slope: number
  /** How far the samples are from the line, typically. */
  readonly noise: number
  readonly grows: boolean
}

const MB = 2 ** 20
const TEN_MINUTES_MS = 600_000

/** What is allowed per 10 minutes, and what a growth must exceed in the run to be seen at all. */
const LIMITS: Readonly<Record<Measure, { readonly slope: number; readonly seen: number }>> = {
  heap: { slope: MB, seen: 0.5 * MB },
  buffers: { slope: MB, seen: 0.5 * MB },
  resources: { slope: 0, seen: 1 },
  listeners: { slope: 0, seen: 1 },
  entries: { slope: 0, seen: 1 },
}

export const MEASURES = Object.keys(LIMITS) as readonly Measure[]

/** The first half warms up: code is compiled, pools and caches are filled, texts are interned. */
const WARM_UP = 1 / 2

/**
 * Judges the samples of one process. A measure grows when its slope is above what is allowed, and what it
 * has grown by in the run is more than the noise of its samples and enough to be seen at all.
 */
export function trendsOf(process: string, samples: readonly Sample[]): readonly Trend[] {
  const counted = samples.slice(Math.floor(samples.length * WARM_UP))
  return MEASURES.map((measure) => trendOf(process, measure, counted))
}

function trendOf(process: string, measure: Measure, samples: readonly Sample[]): Trend {
  const points = samples.map(({ atMs, [measure]: y }) => ({ x: atMs, y }))
  const perMs = slope(points)
  const startMs = points[0]?.x ?? 0
  const rests = points.map(({ x, y }) => y - perMs * (x - startMs))
  const level = median(rests)
  const noise = median(rests.map((rest) => Math.abs(rest - level)))
  const spanMs = (points.at(-1)?.x ?? 0) - startMs
  const limit = LIMITS[measure]
  const growth = perMs * spanMs
  return {
    process,
    measure,
    first: points[0]?.y ?? 0,
    last: points.at(-1)?.y ?? 0,
    slope: perMs * TEN_MINUTES_MS,
    noise,
    grows: perMs * TEN_MINUTES_MS > limit.slope && growth >= limit.seen && growth > 3 * noise,
  }
}
