import type { Results } from '../harness/results.ts'
import { chartsOf } from './charts.ts'
import { sections } from './sections.ts'

/** The page as it should be, and its charts by name. */
export interface Rendered {
  readonly page: string
  readonly charts: ReadonlyMap<string, string>
}

const generated = /(<!-- generated: ([\w-]+)((?: [\w-]+)*) -->\n)[\s\S]*?(<!-- end -->)/g

/**
 * What stands between `<!-- generated: SECTION … -->` and `<!-- end -->` is made anew from the results; all
 * else is written by hand and left as it is. @throws for a section that is not known.
 */
export function renderPage(page: string, results: Results): Rendered {
  const charts = chartsOf(results)
  const anew = page.replaceAll(generated, (_all, begin, name, words, end) => {
    const section = sections[name]
    if (!section) throw new Error(`no such section: ${name}`)
    const isMeasured = results.benches.length > 0 || name === 'environment'
    const text = isMeasured
      ? section(results, words.trim().split(' '), charts)
      : 'Not measured yet.'
    return `${begin}\n${text}\n\n${end}`
  })
  return { page: anew, charts }
}
