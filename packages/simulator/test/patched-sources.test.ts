import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { patchedSources } from '../src/bugs/patched-sources.ts'

const file = 'core/src/lock/validity.ts'

test('a copy has the replaced passage, and everything else as it was', () => {
  const folder = patchedSources([{ file, search: 'remainingMs * 0.01 + 2', replace: '42' }])
  const packages = join(import.meta.dirname, '../..')
  const production = readFileSync(join(packages, file), 'utf8')
  const patched = readFileSync(join(folder, file), 'utf8')
  expect(patched).toBe(production.replace('remainingMs * 0.01 + 2', '42'))
  const other = 'herd-cache/src/single-flight.ts'
  expect(readFileSync(join(folder, other), 'utf8')).toBe(
    readFileSync(join(packages, other), 'utf8'),
  )
})

test('the same patches give the same copy', () => {
  const patches = [{ file, search: 'remainingMs * 0.01 + 2', replace: '43' }]
  expect(patchedSources(patches)).toBe(patchedSources(patches))
})

test('several passages of one file are replaced', () => {
  const folder = patchedSources([
    { file, search: 'remainingMs * 0.01 + 2', replace: '42' },
    { file, search: 'return sentAtMs +', replace: 'return 1 +' },
  ])
  const patched = readFileSync(join(folder, file), 'utf8')
  expect(patched).toContain('=> 42')
  expect(patched).toContain('return 1 +')
})

test('a passage that is not there any more is an error', () => {
  const patch = { file, search: 'no such passage', replace: '' }
  expect(() => patchedSources([patch])).toThrow('found 0 times instead of once: no such passage')
})

test('a passage that is there twice is an error', () => {
  const patch = { file, search: 'remainingMs', replace: '' }
  expect(() => patchedSources([patch])).toThrow(/found \d+ times instead of once/)
})
