import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Results } from '../harness/results.ts'
import { renderPage } from './render-page.ts'
import { imageOf } from './sections.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const docs = `${root}docs/`
export const pageFile = `${docs}guide/benchmarks.md`
const resultsFile = `${docs}guide/benchmarks.json`
const images = `${docs}images/`

/** Beside the page, so that it can be drawn again without being measured again. */
export async function keepResults(results: Results): Promise<void> {
  // Why a peer is missing may name the folder in which it was looked for.
  const text = JSON.stringify(results, null, 1).replaceAll(root, '')
  await writeFile(resultsFile, `${text}\n`)
}

export async function keptResults(): Promise<Results> {
  return JSON.parse(await readFile(resultsFile, 'utf8'))
}

/** Draws the page and its charts from the results that are kept. */
export async function drawPage(): Promise<void> {
  const { page, charts } = renderPage(await readFile(pageFile, 'utf8'), await keptResults())
  await rm(`${images}benchmarks`, { recursive: true, force: true })
  await mkdir(`${images}benchmarks`, { recursive: true })
  await writeFile(pageFile, page)
  for (const [name, svg] of charts) await writeFile(imageOf(name, images), svg)
}

/** The charts that are there, by name, of those named and of all that are only the page's. */
export async function keptCharts(names: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(`${images}benchmarks`).catch(() => [])
  const kept = new Set([...names, ...files.map((file) => file.replace(/\.svg$/, ''))])
  const all = [...kept].map(
    async (name) => [name, await readFile(imageOf(name, images), 'utf8')] as const,
  )
  return new Map(await Promise.all(all))
}
