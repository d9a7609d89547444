import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { describeVerdict, judge, missing } from '../lib/checklist.mjs'
import { root } from '../lib/run.mjs'

const folder = mkdtempSync(join(tmpdir(), 'locks-checklist-'))
afterAll(() => rmSync(folder, { recursive: true }))

const checklist = {
  lines: [
    { line: 2, says: 'two' },
    { line: 27, says: 'many', how: 'so' },
    { line: 99, says: 'not yet', later: true },
  ],
  seeds: [
    { seed: 'somebody lock', here: 'ours' },
    { seed: 'somebody lock of locks', here: 'ours too' },
  ],
}

/** What `jest --json` writes, as far as it is read. */
const results = (tests: Record<string, string>) => ({
  testResults: [
    {
      assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
    },
  ],
})

const lacking = (tests: Record<string, string>) =>
  missing(judge(checklist, results(tests))).map(({ title }: { title: string }) => title)

const all = {
  'a [C2] b': 'passed',
  '[C27] c': 'passed',
  'seed: somebody lock: works': 'passed',
  'seed: somebody lock of locks works': 'passed',
}

describe('a promise', () => {
  test('is shown by a passing test with its tag', () => {
    expect(lacking(all)).toEqual([])
  })

  test('is missing without a test, unless it is for later', () => {
    expect(lacking({})).toEqual(['2', '27', 'somebody lock', 'somebody lock of locks'])
  })

  test('is missing when its test was skipped', () => {
    expect(lacking({ ...all, 'a [C2] b': 'pending' })).toEqual(['2'])
  })

  test('is missing when one of its tests fails', () => {
    expect(lacking({ ...all, 'another [C27]': 'failed' })).toEqual(['27'])
  })

  test('is not shown by the tag of another that begins alike', () => {
    const { 'a [C2] b': _, 'seed: somebody lock: works': __, ...others } = all
    expect(lacking(others)).toEqual(['2', 'somebody lock'])
  })

  test('may share its test with another', () => {
    const { 'a [C2] b': _, '[C27] c': __, ...others } = all
    expect(lacking({ ...others, '[C2] [C27] both': 'passed' })).toEqual([])
  })

  test('is printed with its tests and with how it is kept', () => {
    const [, line] = judge(checklist, results({ '[C27] c': 'passed', '[C27] d': 'failed' }))
    const text = line && describeVerdict(line)
    for (const part of ['MISSING', '27', 'many', 'so', '[C27] c', 'FAILED [C27] d']) {
      expect(text).toContain(part)
    }
  })
})

test('the command fails when anything due is missing, and names it', () => {
  const file = join(folder, 'results.json')
  const judged = (tests: Record<string, string>) => {
    writeFileSync(file, JSON.stringify(results(tests)))
    const args = [join(root, 'scripts/checklist.mjs'), '--results', file]
    return spawnSync(process.execPath, args, { encoding: 'utf8' })
  }
  const { lines, seeds } = JSON.parse(
    readFileSync(join(root, 'packages/checklist/checklist.json'), 'utf8'),
  ) as { lines: { line: number }[]; seeds: { seed: string }[] }
  const names = [
    ...lines.map(({ line }) => `[C${line}]`),
    ...seeds.map(({ seed }) => `seed: ${seed}`),
  ]
  const shown = Object.fromEntries(names.map((name) => [name, 'passed']))

  expect(judged(shown)).toMatchObject({ status: 0 })
  const failed = judged({ ...shown, '[C3]': 'failed' })
  expect(failed.status).toBe(1)
  expect(failed.stdout).toContain('missing: 3\n')
})

test('the lines are numbered without a gap', () => {
  const file = join(root, 'packages/checklist/checklist.json')
  const { lines } = JSON.parse(readFileSync(file, 'utf8')) as { lines: { line: number }[] }
  expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 116 }, (_, i) => i + 1))
})
