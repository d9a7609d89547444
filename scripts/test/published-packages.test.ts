import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { publishedPackages } from '../lib/published.mjs'
import { root } from '../lib/run.mjs'

const published = publishedPackages()

test('all published packages are released together', () => {
  const config = JSON.parse(readFileSync(join(root, '.changeset/config.json'), 'utf8'))
  const names = published.map(({ manifest }) => manifest.name)
  expect([...config.fixed[0]].sort()).toEqual(names.sort())
})

test.each(published)('$manifest.name runs nothing when it is installed', ({ manifest }) => {
  const installs = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare']
  expect(Object.keys(manifest.scripts).filter((name) => installs.includes(name))).toEqual([])
})

test('the lockfile names no registry', () => {
  expect(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')).not.toContain('://')
})
