/** One figure of ours against its target. */
export interface Target {
  readonly what: string
  readonly measured: string
  readonly limit: string
  readonly ok: boolean
}

/** What one scenario found. */
export interface Scenario {
  readonly title: string
  readonly notes: readonly string[]
  /** One row per contender; all rows have the same keys. */
  readonly rows: readonly Readonly<Record<string, string | number>>[]
  readonly targets: readonly Target[]
  /** Broken correctness of ours: the one thing that fails a benchmark. */
  readonly violations: readonly string[]
  /** Contenders that could not be measured, and why. */
  readonly missing: readonly Missing[]
}

export interface Missing {
  readonly name: string
  readonly why: string
}

export function printScenario(scenario: Scenario): void {
  console.log(`\n## ${scenario.title}`)
  for (const note of scenario.notes) console.log(note)
  console.log(`\n${table(scenario.rows)}`)
  for (const { name, why } of scenario.missing) console.log(`missing: ${name}: ${why}`)
  for (const { what, measured, limit, ok } of scenario.targets) {
    console.log(`target: ${what}: ${measured}, wanted ${limit}: ${ok ? 'ok' : 'MISSED'}`)
  }
  for (const violation of scenario.violations) console.log(`INCORRECT: ${violation}`)
}

/** Markdown, aligned. */
export function table(rows: Scenario['rows']): string {
  const columns = Object.keys(rows[0] ?? {})
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '–')))]
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)))
  const lines = cells.map((line) => {
    const padded = line.map((cell, at) => cell.padEnd(widths[at] ?? 0))
    return `| ${padded.join(' | ')} |`
  })
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}
