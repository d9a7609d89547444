import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { bin, root } from '../lib/run.mjs'

// The rule is made of three parts of biome.json; it is tested whole, on files in a copy of its
// surroundings.
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'locks-lint-'))
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  cpSync(join(root, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Lints the files; those in which the rule found something. */
function refused(files: Record<string, string>): string[] {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${text}\n`)
  }
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', '.']
  const { stdout } = spawnSync(process.execPath, [bin('@biomejs/biome'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  const rule = /^(plugin|lint\/style\/noRestricted(Globals|Imports))$/
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string } }[]
  }
  const found = diagnostics.filter(({ category }) => rule.test(category))
  return [...new Set(found.map(({ location }) => location.path))].sort()
}

/** The lines that the rule refuses in a package's sources. */
function refusedLines(lines: string[]): string[] {
  const file = (index: number) => `packages/memory/src/line-${String(index).padStart(2, '0')}.ts`
  const found = refused(Object.fromEntries(lines.map((line, index) => [file(index), line])))
  return lines.filter((_, index) => found.includes(file(index)))
}

test('a package gets time, timers and randomness from core only', () => {
  const lines = [
    'export const x = Date.now()',
    'export const x = Date.now',
    'export const x = new Date()',
    'export const { now } = Date',
    'export const x = performance.now()',
    'export const x = process.hrtime.bigint()',
    'export const x = setTimeout(() => {}, 1)',
    'export const x = { setInterval }',
    'export const x = globalThis.setImmediate',
    'export const x = AbortSignal.timeout(1)',
    'export const x = Math.random()',
    'export const x = crypto.randomUUID()',
    "export { setTimeout } from 'node:timers/promises'",
    "export { performance } from 'node:perf_hooks'",
    "export { randomBytes } from 'node:crypto'",
    "import * as c from 'node:crypto'\nexport const x = c.randomBytes(8)",
    "export { nanoid } from 'nanoid'",
  ]
  expect(refusedLines(lines)).toEqual(lines)
})

test('what only looks like it is let through', () => {
  const lines = [
    'export const x = new Date(0)',
    'export const x = (value: unknown) => value instanceof Date',
    'export const x = (performance: { now(): number }) => performance.now()',
    "export { createHash } from 'node:crypto'",
  ]
  expect(refusedLines(lines)).toEqual([])
})

test('the two files of core, and what never runs in the simulator, are free', () => {
  const free = [
    'packages/core/src/clock.ts',
    'packages/core/src/random.ts',
    'packages/core/test/clock.test.ts',
    'packages/test-servers/src/redis.ts',
    'examples/demo.ts',
    'benchmarks/wake-up.ts',
    'scripts/some-script.mjs',
  ]
  const bound = ['packages/core/src/lock/clock.ts', 'packages/simulator/src/world.ts']
  const line = 'export const x = [Date.now(), setTimeout]'
  expect(refused(Object.fromEntries([...free, ...bound].map((file) => [file, line])))).toEqual(
    bound,
  )
})
