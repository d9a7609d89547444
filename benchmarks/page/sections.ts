import { table } from '../harness/report.ts'
import type { BenchResult, Results } from '../harness/results.ts'
import { aheadIn } from './ahead.ts'

/** The generated parts of the page, by the name in its markers; `words` are what follows the name. */
export const sections: Readonly<
  Record<
    string,
    (results: Results, words: readonly string[], charts: ReadonlyMap<string, string>) => string
  >
> = {
  environment: ({ environment: at, benches }) => {
    const seconds = benches.reduce((sum, bench) => sum + bench.seconds, 0)
    return [
      `Measured on ${at.date}, in one run of ${Math.ceil(seconds / 60)} minutes.`,
      '',
      `- Machine: ${at.cores} cores, ${at.processor}, ${at.memoryGb} GB, ${at.system}; everything on one machine, over loopback; its load was ${at.load} when the run began.`,
      `- Node ${at.node}; servers: ${versions(at.servers)}; clients: ${versions(at.clients)}.`,
      `- Peers: ${versions(at.peers)}.`,
    ].join('\n')
  },
  missed: ({ benches }) => {
    const all = benches.flatMap(({ scenarios }) => scenarios.flatMap(({ targets }) => targets))
    const lines = benches.flatMap(({ scenarios }) =>
      scenarios.flatMap(({ title, targets }) =>
        targets
          .filter(({ ok }) => !ok)
          .map(
            ({ what, measured, limit }) => `- ${title}: ${what}: **${measured}**, wanted ${limit}`,
          ),
      ),
    )
    const head = `Of ${all.length} numbers that were wanted, ${all.length - lines.length} were reached`
    return lines.length === 0 ? `${head}.` : `${head}; these were not:\n\n${lines.join('\n')}`
  },
  ahead: (results) => {
    const lines = aheadIn(results)
    if (lines.length === 0) return 'In none of the charts.'
    return lines.map((line) => `- ${line}`).join('\n')
  },
  incorrect: ({ benches }) => {
    const lines = benches.flatMap(({ bench, scenarios, failed }) => [
      ...(failed === undefined ? [] : [`- \`pnpm bench ${bench}\` failed: ${failed}`]),
      ...scenarios.flatMap(({ title, violations }) =>
        violations.map((each) => `- ${title}: ${each}`),
      ),
    ])
    return lines.length === 0 ? 'Nothing.' : lines.join('\n')
  },
  charts: (_results, names, charts) =>
    names
      .filter((name) => charts.has(name))
      .map((name) => `![${titleOf(charts.get(name) ?? '')}](${imageOf(name, '../images/')})`)
      .join('\n\n'),
  tables: ({ benches }, names) =>
    benches
      .filter(({ bench }) => names.includes(bench))
      .map(tablesOf)
      .join('\n\n'),
  settings: ({ benches }, names) => {
    const used = new Map(
      benches
        .filter(({ bench }) => names.includes(bench))
        .flatMap(({ settings }) => Object.entries(settings)),
    )
    if (used.size === 0) return ''
    return table([...used].map(([contender, settings]) => ({ contender, settings })))
  },
}

/** Where a chart is kept. The one of the cache's page was there before the others. */
export function imageOf(name: string, images: string): string {
  return `${images}${name === 'stampede' ? '' : 'benchmarks/'}${name}.svg`
}

function tablesOf({ bench, scenarios, failed }: BenchResult): string {
  const parts = scenarios.map(({ title, notes, rows, targets, missing }) =>
    [
      `**${title}**`,
      ...(notes.length > 0 ? [notes.join('; ').replaceAll(',;', ',')] : []),
      table(rows),
      ...missing.map(({ name, why }) => `Missing: ${name}: ${why}`),
      targets
        .map(
          ({ what, measured, limit, ok }) =>
            `- ${what}: ${measured}, wanted ${limit}${ok ? '' : ': **missed**'}`,
        )
        .join('\n'),
    ]
      .filter(Boolean)
      .join('\n\n'),
  )
  const why = failed === undefined ? [] : [`It failed: ${failed}.`]
  const body = [...why, ...parts].join('\n\n')
  return `<details><summary>All figures of <code>pnpm bench ${bench}</code></summary>\n\n${body}\n\n</details>`
}

const titleOf = (svg: string) => /<title[^>]*>(.*)<\/title>/.exec(svg)?.[1] ?? ''

const versions = (all: Readonly<Record<string, string>>) =>
  Object.entries(all)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
