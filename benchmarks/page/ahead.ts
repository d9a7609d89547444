import type { Results } from '../harness/results.ts'
import { rowsOf } from './comparison.ts'
import { comparisons, STARVED, WAIT } from './comparisons.ts'
import { short } from './svg.ts'

/** A line for each measure of a chart by which a peer is better than the best of ours. */
export function aheadIn(results: Results): string[] {
  return Object.values(comparisons).flatMap((comparison) => {
    const rows = rowsOf(results, comparison)
    return comparison.measures.flatMap(({ name, better }, at) => {
      // A wait says nothing of those who wait still.
      const told =
        name === WAIT ? rows.filter((row) => starvedOf(row, comparison.measures) === 0) : rows
      const best = (kind: 'ours' | 'peer') => bestOf(told, kind, at, better)
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
function unfairness(rows: Rows, measures: Measures, name: string): string {
  const row = rows.find((each) => each.name === name)
  const starved = row ? starvedOf(row, measures) : 0
  return starved > 0 ? ` (while ${short(starved)} callers never got the lock)` : ''
}

type Measures = readonly { readonly name: string }[]

function starvedOf({ values }: Rows[number], measures: Measures): number {
  return values[measures.findIndex(({ name }) => name === STARVED)] ?? 0
}
