import type { Results } from '../harness/results.ts'
import { type BarChart, barChart } from './bar-chart.ts'
import { dotChart } from './dot-chart.ts'
import { figureOf, kindOf, nameOf, scenarioOf, type Where } from './figures.ts'
import { lineChart } from './line-chart.ts'

/** Contenders beside each other. */
export interface Comparison {
  readonly title: string
  readonly subtitle: string
  readonly measures: readonly (Where & {
    readonly name: string
    readonly better: 'more' | 'less'
  })[]
}

export const WAIT = 'longest over mean wait'
export const STARVED = 'starved'

const uncontended = (client: RegExp) =>
  [
    { callers: /1 caller/, name: '1 caller' },
    { callers: /64 callers/, name: '64 callers' },
  ].map(({ callers, name }) => ({
    ...{ bench: 'uncontended', column: /^of floor/, name, better: 'more' as const },
    scenario: new RegExp(`${client.source}.*${callers.source}`),
  }))

const pairsSubtitle = 'acquire and release of free names, beside the floor in the same process'

function contention(scenario: RegExp): Comparison['measures'] {
  const place = { bench: 'contended', scenario }
  return [
    { ...place, column: /^sections\/s/, name: 'sections per second', better: 'more' },
    { ...place, column: /^max\/mean/, name: WAIT, better: 'less' },
    { ...place, column: /^starved/, name: STARVED, better: 'less' },
  ]
}

const inProcess = [
  { scenario: /one caller, one key/, name: 'one caller, one key' },
  { scenario: /keys in turn/, name: '1,000 keys in turn' },
  { scenario: /callers, one key/, name: '1,000 callers, one key' },
].map(({ scenario, name }) => ({
  ...{ bench: 'in-process', scenario, column: /^CPU us/, name, better: 'less' as const },
}))

const hits = (scenario: RegExp, column: RegExp, name: string) => ({
  ...{ bench: 'hit', scenario, column, name, better: 'more' as const },
})

/** By name of the file. */
export const comparisons: Readonly<Record<string, Comparison>> = {
  'uncontended-redis': {
    title: 'Uncontended on Redis, client redis: pairs beside the floor',
    subtitle: pairsSubtitle,
    measures: uncontended(/Redis by redis/),
  },
  'uncontended-ioredis': {
    title: 'Uncontended on Redis, client ioredis: pairs beside the floor',
    subtitle: pairsSubtitle,
    measures: uncontended(/Redis by ioredis/),
  },
  'uncontended-memcached': {
    title: 'Uncontended on memcached: pairs beside the floor',
    subtitle: 'the floors are add and delete, and add, gets and cas, of npm memcached',
    measures: [
      ...uncontended(/memcached by metaTransport/).map((each) => ({
        ...each,
        name: `meta, ${each.name}`,
      })),
      ...uncontended(/memcached by npm memcached/).map((each) => ({
        ...each,
        name: `npm, ${each.name}`,
      })),
    ],
  },
  'wake-up': {
    title: 'From release() in one process until a waiter in another has the lock',
    subtitle: 'milliseconds, median; the network has the round trip that is named',
    measures: [2, 20].map((ms) => ({
      ...{ bench: 'wake-up', column: /^p50/, name: `${ms} ms`, better: 'less' as const },
      scenario: new RegExp(` ${ms} ms round trip`),
    })),
  },
  think: {
    title: 'Contended, think: 50 callers rest 10–30 ms, then ask again',
    subtitle: 'sections of 5 ms; nobody can barge, so what differs is the hand-off',
    measures: contention(/think: .*50 callers.*5 ms/),
  },
  'think-processes': {
    title: 'Contended, think: 4 processes of 12 callers rest 10–30 ms, then ask again',
    subtitle: 'sections of 5 ms; nobody can barge, so what differs is the hand-off',
    measures: contention(/think: 4 processes.*5 ms/),
  },
  drain: {
    title: 'Contended, drain: 50 callers want the lock once',
    subtitle: 'empty sections, until everybody had it',
    measures: contention(/drain: .*50 callers.*empty/),
  },
  'drain-processes': {
    title: 'Contended, drain: 4 processes of 12 callers want the lock once',
    subtitle: 'empty sections, until everybody had it',
    measures: contention(/drain: 4 processes.*empty/),
  },
  loop: {
    title: 'Contended, loop: 50 callers of one process ask again at once',
    subtitle: 'empty sections; fast and unfair is easy: read all three columns',
    measures: contention(/loop: 1 process.*empty/),
  },
  'loop-processes': {
    title: 'Contended, loop: 4 processes of 12 callers ask again at once',
    subtitle: 'empty sections; fast and unfair is easy: read all three columns',
    measures: contention(/loop: 4 processes.*empty/),
  },
  'in-process': {
    title: 'Locks of one process: microseconds of CPU per acquire and release',
    subtitle: 'ours have a deadline, a fence and a signal besides',
    measures: inProcess,
  },
  'hit-near': {
    title: 'A value that is in the process: million gets per second',
    subtitle: '200 keys in turn, one caller, each awaited',
    measures: [hits(/in the process/, /^M\/s/, 'M/s')],
  },
  'hit-far': {
    title: 'A value that is in Redis: gets per second',
    subtitle: 'each caller with keys of its own',
    measures: [hits(/Redis: 1 /, /^per s/, '1 caller'), hits(/Redis: 64/, /^per s/, '64 callers')],
  },
  expiry: {
    title: 'A value that ends each second, under 1,000 calls a second',
    subtitle: '6 processes; nothing is served after its ttl',
    measures: [
      { column: /^loads/, name: 'loads' },
      { column: /^p99/, name: 'p99 ms' },
      { column: /^worst/, name: 'worst ms' },
    ].map((each) => ({ ...each, bench: 'expiry', scenario: /^expiry/, better: 'less' as const })),
  },
}

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

/** Rows in the order of the first measure, the best first, behind the floor and ours. */
export function rowsOf(results: Results, { measures }: Comparison): BarChart['rows'] {
  const tables = measures.map((measure) => scenarioOf(results, measure)?.rows ?? [])
  const names = [...new Set(tables.flat().map(nameOf))]
  const rows = names.map((name) => ({
    name,
    kind: kindOf(name),
    values: measures.map(({ column }, at) =>
      figureOf(
        tables[at]?.find((row) => nameOf(row) === name),
        column,
      ),
    ),
  }))
  const order = { floor: 0, ours: 1, peer: 2 }
  const sign = measures[0]?.better === 'more' ? -1 : 1
  const rank = ({ values }: (typeof rows)[number]) => sign * (values[0] ?? sign * Infinity)
  return rows.sort((a, b) => order[a.kind] - order[b.kind] || compare(rank(a), rank(b)))
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)

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
