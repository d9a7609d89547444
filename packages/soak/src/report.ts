import type { Options } from './options.ts'
import type { Soak } from './run.ts'
import type { Trend } from './trend.ts'

const MB = 2 ** 20

/** A table and a verdict. */
export function report({ backend }: Options, { samples, trends }: Soak): string {
  const lines = trends.map(({ process, measure, first, last, slope, grows }) =>
    [
      process.padEnd(3),
      measure.padEnd(10),
      shown(measure, first).padStart(9),
      shown(measure, last).padStart(9),
      shown(measure, slope).padStart(9),
      grows ? 'GROWS' : '',
    ].join('  '),
  )
  const head = `${'after warm-up'.padEnd(16)}    first       last  per 10 min`
  const jobs = samples.reduce((sum, taken) => sum + (taken.at(-1)?.jobs ?? 0), 0)
  const count = samples.reduce((sum, taken) => sum + taken.length, 0)
  const seconds = Math.max(...samples.map(secondsOf))
  const growing = trends.filter(({ grows }) => grows).length
  const verdict = growing === 0 ? 'nothing grows' : `${growing} measures grow`
  const summary = `${backend}: ${jobs} jobs in ${seconds.toFixed(0)} s, ${count} samples: ${verdict}`
  return [head, ...lines, summary].join('\n')
}

function secondsOf(samples: Soak['samples'][number]): number {
  return ((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / 1000
}

function shown(measure: Trend['measure'], value: number): string {
  const isBytes = measure === 'heap' || measure === 'buffers'
  return isBytes ? `${(value / MB).toFixed(2)} MB` : value.toFixed(1)
}
