import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ALL_BUGS } from '../src/bugs/all-bugs.ts'
import { runSim } from './run-sim.ts'

const PLACES = [...new Set(ALL_BUGS.map((bug) => bug.where))]
const namesOf = (place: string) =>
  ALL_BUGS.filter((bug) => bug.where === place).map((bug) => bug.name)

/** Two processes: one per core of a small machine. */
const halves = (names: readonly string[]): string[][] =>
  [0, 1]
    .map((half) => names.filter((_, index) => index % 2 === half))
    // The command takes no names for all.
    .filter((half) => half.length > 0)

test.each(PLACES.map((place) => [place, namesOf(place)] as const))(
  'each seeded bug of the %s is found, by an invariant that it breaks',
  async (_where, names) => {
    const runs = await Promise.all(
      halves(names).map(async (half) => ({
        half,
        ...(await runSim('--mutants', '--json', ...half)),
      })),
    )
    for (const { half, code, stdout, stderr } of runs) {
      expect(stderr).toBe('')
      const { bugs, missed } = JSON.parse(stdout)
      expect(missed).toEqual([])
      expect(bugs).toHaveLength(half.length)
      expect(code).toBe(0)
    }
  },
  900_000,
)

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

test('an unknown bug is refused', async () => {
  const { code, stderr } = await runSim('--mutants', 'noSuchBug')
  expect(stderr).toContain('no such bug: noSuchBug')
  expect(code).toBe(1)
})
