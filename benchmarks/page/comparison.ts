import type { Results } from '../harness/results.ts'
import type { BarChart } from './bar-chart.ts'
import { figureOf, kindOf, nameOf, scenarioOf, type Where } from './figures.ts'

/** Contenders beside each other. */
export interface Comparison {
  readonly title: string
  readonly subtitle: string
  readonly measures: readonly (Where & {
    readonly name: string
    readonly better: 'more' | 'less'
  })[]
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
