import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ALL_BUGS } from '../src/bugs/all-bugs.ts'
import type { Hunt } from '../src/run/hunt.ts'
import { runSim, type SimRun } from './run-sim.ts'

const PLACES = [...new Set(ALL_BUGS.map((bug) => bug.where))]

/** Of one run for all: a run has to make its bundles ready first. */
let run: Promise<SimRun> | undefined
const huntAll = () => {
  run ??= runSim('--mutants', '--json')
  return run
}

test.each(PLACES)(
  'each seeded bug of the %s is found, by an invariant that it breaks',
  async (place) => {
    const names = ALL_BUGS.filter((bug) => bug.where === place).map((bug) => bug.name)
    const { stdout, stderr } = await huntAll()
    expect(stderr).toBe('')
    const { bugs } = JSON.parse(stdout) as { readonly bugs: readonly Hunt[] }
    const found = bugs.filter((bug) => bug.caught).map((bug) => bug.name)
    expect(names.filter((name) => !found.includes(name))).toEqual([])
  },
  900_000,
)

test('a run that finds all of them succeeds', async () => {
  const { code, stdout } = await huntAll()
  expect(JSON.parse(stdout)).toMatchObject({ missed: [] })
  expect(code).toBe(0)
}, 900_000)

test('each replaces passages that are in the sources once', () => {
  const packages = join(import.meta.dirname, '../..')
  const wrong = ALL_BUGS.flatMap(({ name, patches }) =>
    patches
      .filter(({ file, search }) => {
        return readFileSync(join(packages, file), 'utf8').split(search).length !== 2
      })
      .map(({ search }) => `${name}: ${search}`),
  )
  expect(wrong).toEqual([])
})

test('there are many, and names are unique', () => {
  const names = ALL_BUGS.map((bug) => bug.name)
  expect(names.length).toBeGreaterThanOrEqual(90)
  expect(new Set(names).size).toBe(names.length)
})

test('a bug that is not found fails the command', async () => {
  // One schedule is not enough for the rarest of them.
  const { code, stdout } = await runSim('--mutants', 'doubtForgotten', '--schedules', '1')
  expect(stdout).toMatch(/^MISSED doubtForgotten +1 nothing found\n0 of 1 caught/)
  expect(code).toBe(1)
})

test('the README names 34 that any checker must find, and each is among them', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const table = readme.slice(readme.indexOf('| seeded bug |'))
  const named = [...table.matchAll(/`(\w+)`/g)].map(([, name]) => name)
  const names = ALL_BUGS.map((bug) => bug.name)
  expect(new Set(named).size).toBe(34)
  expect(named.filter((name) => !names.includes(name as string))).toEqual([])
})

test('an unknown bug is refused', async () => {
  const { code, stderr } = await runSim('--mutants', 'noSuchBug')
  expect(stderr).toContain('no such bug: noSuchBug')
  expect(code).toBe(1)
})
