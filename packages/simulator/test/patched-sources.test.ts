import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { PACKAGES, patchedSources } from '../src/bugs/patched-sources.ts'

const file = 'core/src/lock/validity.ts'
const path = join(PACKAGES, file)

test('the replaced passage, and everything else as it was', () => {
  const texts = patchedSources([{ file, search: 'remainingMs * 0.01 + 2', replace: '42' }])
  const production = readFileSync(path, 'utf8')
  const patched = production.replace('remainingMs * 0.01 + 2', '42')
  expect(patched).not.toBe(production)
  expect([...texts]).toEqual([[path, patched]])
})

test('several passages of one file are replaced', () => {
  const texts = patchedSources([
    { file, search: 'remainingMs * 0.01 + 2', replace: '42' },
    { file, search: 'return sentAtMs +', replace: 'return 1 +' },
  ])
  expect(texts.get(path)).toContain('=> 42')
  expect(texts.get(path)).toContain('return 1 +')
})

test('a passage that is not there any more is an error', () => {
  const patch = { file, search: 'no such passage', replace: '' }
  expect(() => patchedSources([patch])).toThrow('found 0 times instead of once: no such passage')
})

test('a passage that is there twice is an error', () => {
  const patch = { file, search: 'remainingMs', replace: '' }
  expect(() => patchedSources([patch])).toThrow(/found \d+ times instead of once/)
})
