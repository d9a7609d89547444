import type { Scenario } from '../harness/report.ts'
import type { Results } from '../harness/results.ts'

/** Where a figure stands: titles and columns by their beginning, so that both may say more. */
export interface Where {
  readonly bench: string
  readonly scenario: RegExp
  readonly column: RegExp
}

export type Row = Scenario['rows'][number]

export function scenarioOf(results: Results, { bench, scenario }: Omit<Where, 'column'>) {
  const found = results.benches.find((each) => each.bench === bench)
  return found?.scenarios.find(({ title }) => scenario.test(title))
}

/** The first column names whom the row is about. */
export const nameOf = (row: Row): string => String(Object.values(row)[0])

export function figureOf(row: Row | undefined, column: RegExp): number | undefined {
  const [, text] = Object.entries(row ?? {}).find(([name]) => column.test(name)) ?? []
  const figure = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(figure) ? figure : undefined
}

export type Kind = 'ours' | 'floor' | 'peer'

/** What is no library: the least that it can cost, and what ours are made of. */
const FLOOR = /^(floor|its |GET \+|BLPOP|a bare socket|lru-cache@)/

export function kindOf(name: string): Kind {
  if (name.startsWith('@locks/')) return 'ours'
  return FLOOR.test(name) ? 'floor' : 'peer'
}
