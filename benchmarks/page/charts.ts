import type { Results } from '../harness/results.ts'
import { barChart } from './bar-chart.ts'
import { type Comparison, rowsOf } from './comparison.ts'
import { comparisons } from './comparisons.ts'
import { dotChart } from './dot-chart.ts'
import { figureOf, kindOf, nameOf, scenarioOf } from './figures.ts'
import { lineChart } from './line-chart.ts'

interface Growth {
  readonly title: string
  readonly subtitle: string
  readonly scenario: RegExp
  readonly xName: string
  /** Columns that are drawn; each is a line. */
  readonly columns: RegExp
}

const growths: Readonly<Record<string, Growth>> = {
  'scale-names': {
    title: 'Cost per operation, by names held',
    subtitle: 'microseconds of CPU of the client process',
    scenario: /names held/,
    xName: 'locks held by the process',
    columns: /CPU us/,
  },
  'scale-waiters': {
    title: 'Cost per waiter, by waiters on one name',
    subtitle: 'milliseconds',
    scenario: /waiters on one name/,
    xName: 'waiters in one process',
    columns: /^ms /,
  },
  'scale-processes': {
    title: 'Cost per hand-off, by processes on one name',
    subtitle: 'milliseconds; empty sections, 4 callers a process',
    scenario: /processes on one name/,
    xName: 'processes',
    columns: /^ms /,
  },
  'scale-values': {
    title: 'Cost per get and set, by size of the value',
    subtitle: 'microseconds of CPU of the client process, all threads',
    scenario: /size of the value/,
    xName: 'bytes of the value',
    columns: /CPU us/,
  },
  'scale-memory': {
    title: 'Memory per item, by items',
    subtitle: 'KB of the heap of the client process',
    scenario: /memory per item/,
    xName: 'items',
    columns: /^KB /,
  },
}

/** All charts that these results have the figures for; SVG by name of the file. */
export function chartsOf(results: Results): ReadonlyMap<string, string> {
  const charts = new Map<string, string>()
  const keep = (name: string, svg: string | undefined) => svg && charts.set(name, svg)
  keep('stampede', stampedeOf(results))
  for (const [name, each] of Object.entries(comparisons)) keep(name, compared(results, each))
  for (const [name, each] of Object.entries(growths)) keep(name, grown(results, each))
  return charts
}

function compared(results: Results, comparison: Comparison): string | undefined {
  const rows = rowsOf(results, comparison)
  if (rows.every(({ values }) => values.every((value) => value === undefined))) return undefined
  return barChart({ ...comparison, rows })
}

function grown(results: Results, { scenario, columns, ...chart }: Growth): string | undefined {
  const rows = scenarioOf(results, { bench: 'scale', scenario })?.rows ?? []
  const names = Object.keys(rows[0] ?? {}).slice(1)
  const series = names
    .filter((name) => columns.test(name))
    .map((name) => ({
      name: name.replace(columns, '').replace(/^[,:]? */, ''),
      points: rows
        .map((row) => [Number(nameOf(row)), Number(row[name])] as const)
        .filter(([x, y]) => x > 0 && y > 0),
    }))
    .filter(({ points }) => points.length > 1)
  return series.length > 0 ? lineChart({ ...chart, series }) : undefined
}

/** Before and after: a dot for each load. The worst first, and what is ours last. */
function stampedeOf(results: Results): string | undefined {
  const scenario = scenarioOf(results, { bench: 'stampede', scenario: /^stampede/ })
  const rows = scenario?.rows.map((row) => {
    const name = nameOf(row)
    return { name, dots: figureOf(row, /^loads/) ?? 0, isOurs: kindOf(name) === 'ours' }
  })
  if (!rows?.length) return undefined
  return dotChart({
    title: '1,000 callers in 4 processes ask for one missing value',
    unit: 'a dot is one run of the loader',
    rows: rows.sort((a, b) => Number(a.isOurs) - Number(b.isOurs) || b.dots - a.dots),
  })
}
