/**
 * Writes each package's `src/lua.gen.ts` from its `src/lua/*.lua` (rules: lib/lua-scripts.mjs).
 *
 * The Lua files are the source, so they keep syntax checks and editors; the generated file is
 * checked in, so that a fresh clone runs without a build step and bundlers have nothing to find
 * at run time. `--check` writes nothing and fails when a generated file is not current.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { luaFolders, readScripts } from './lib/lua-scripts.mjs'
import { reported, root } from './lib/run.mjs'

/** The text of a `lua.gen.ts`. `: Script` keeps the Lua text out of the declaration files. */
export function generate(scripts) {
  const head = [
    '// Written by scripts/embed-lua.mjs from src/lua/*.lua. Do not edit: run `pnpm embed`.',
    '',
    "import type { Script } from './script.ts'",
  ]
  return `${[...head, ...scripts.map(constant)].join('\n')}\n`
}

function constant({ name, keys, purpose, returns, body }) {
  const camelCase = name.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase())
  const literal = body.replaceAll(/[\\`]|\$\{/g, (special) => `\\${special}`)
  return `
/** ${purpose} ${returns} */
export const ${camelCase}: Script = {
  name: '${name}',
  keys: ${keys},
  sha1: '${createHash('sha1').update(body).digest('hex')}',
  source: \`${literal}\`,
}`
}

/** The repository's generated files that are not what they should be, as `[path, wanted text]`. */
export function staleFiles() {
  return luaFolders()
    .filter(([, folder]) => basename(join(folder, '..')) === 'src')
    .map(([packageFolder, folder]) => [
      join(packageFolder, 'src/lua.gen.ts'),
      generate(readScripts(folder)),
    ])
    .filter(([path, wanted]) => !existsSync(path) || readFileSync(path, 'utf8') !== wanted)
}

function main() {
  const check = process.argv.includes('--check')
  for (const [path, wanted] of staleFiles()) {
    if (check) process.exitCode = 1
    else writeFileSync(path, wanted)
    console.log(`${relative(root, path)}: ${check ? 'not current, run `pnpm embed`' : 'written'}`)
  }
}

if (process.argv[1] === import.meta.filename) await reported(main)
