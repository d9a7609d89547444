import type { Results } from '../harness/results.ts'
import { comparisons, rowsOf } from './charts.ts'
import { short } from './svg.ts'

/** A line for each measure of a chart by which a peer is better than the best of ours. */
export function aheadIn(results: Results): string[] {
  return Object.values(comparisons).flatMap((comparison) => {
    const rows = rowsOf(results, comparison)
    return comparison.measures.flatMap(({ name, better }, at) => {
      const best = (kind: 'ours' | 'peer') => bestOf(rows, kind, at, better)
      const [ours, peer] = [best('ours'), best('peer')]
      if (!ours || !peer || !isBetter(peer.value, ours.value, better)) return []
      const figures = `${peer.name} ${short(peer.value)}, ours ${short(ours.value)}`
      const starves = unfairness(rows, comparison.measures, peer.name)
      return [`${comparison.title}; ${name}: ${figures}${starves}`]
    })
  })
}

type Rows = ReturnType<typeof rowsOf>

function bestOf(rows: Rows, kind: string, at: number, better: 'more' | 'less') {
  const [first, ...rest] = rows.flatMap(({ name, kind: each, values }) => {
    const value = values[at]
    return each === kind && value !== undefined ? [{ name, value }] : []
  })
  return rest.reduce((a, b) => (a && isBetter(b.value, a.value, better) ? b : a), first)
}

const isBetter = (a: number, b: number, better: 'more' | 'less') =>
  better === 'more' ? a > b : a < b

/** Who is fast because others starve is said to be. */
function unfairness(
  rows: Rows,
  measures: readonly { readonly name: string }[],
  name: string,
): string {
  const at = measures.findIndex((measure) => measure.name === 'starved')
  const starved = rows.find((row) => row.name === name)?.values[at] ?? 0
  return starved > 0 ? ` (and ${short(starved)} callers never got the lock)` : ''
}
