/**
 * The TypeScript blocks of the pages in `docs/` and `docs/backends/`: each is a whole module that a reader can copy, is
 * type-checked by `pnpm check types` and run by `docs/test/snippets.test.ts`.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const docs = join(root, 'docs')
const folder = join(docs, '.snippets')

/** Writes every block to a file of its own; `{ page, line, text, file }` of each. */
export function extractSnippets() {
  const snippets = ['', 'backends/']
    .flatMap((folder) => readdirSync(join(docs, folder)).map((name) => folder + name))
    .filter((name) => name.endsWith('.md'))
    .flatMap((page) => snippetsOf(page, readFileSync(join(docs, page), 'utf8')))
    .map((snippet) => ({ ...snippet, file: join(folder, fileName(snippet)) }))
  mkdirSync(folder, { recursive: true })
  const wanted = new Set(snippets.map(fileName))
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.ts') && !wanted.has(name)) rmSync(join(folder, name), { force: true })
  }
  // Shifted down, so that an error names the line of the page.
  for (const { file, line, text } of snippets) {
    // In one step: another test process may be reading it.
    writeFileSync(`${file}.${process.pid}`, `${'\n'.repeat(line)}${text}export {}\n`)
    renameSync(`${file}.${process.pid}`, file)
  }
  return snippets
}

/** The blocks of one page; `line` is that of the opening fence, from 1. */
export function snippetsOf(page, markdown) {
  const blocks = markdown.replaceAll('\r\n', '\n').matchAll(/^```ts\n([\s\S]*?)^```$/gm)
  return Array.from(blocks, ({ index, 1: text }) => ({
    page,
    line: markdown.slice(0, index).split('\n').length,
    text,
  }))
}

function fileName({ page, line }) {
  return `${page.slice(0, -'.md'.length).replaceAll('/', '.')}.${line}.ts`
}
