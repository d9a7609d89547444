import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { publishedPackages } from '../lib/published.mjs'
import { root } from '../lib/run.mjs'

const published = publishedPackages()

test('all published packages are released together', () => {
  const config = JSON.parse(readFileSync(join(root, '.changeset/config.json'), 'utf8'))
  const names = published.map(({ manifest }) => manifest.name)
  expect([...config.fixed[0]].sort()).toEqual(names.sort())
})

/** Of every package of the repository, published or not. */
const manifests = [
  '.',
  'docs',
  'examples',
  'benchmarks',
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
]

test.each(manifests)('%s runs nothing when it is installed', (folder) => {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const installs = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare']
  expect(Object.keys(scripts).filter((name) => installs.includes(name))).toEqual([])
})

test.each(published)(
  '$manifest.name is published with provenance, and nothing but its code',
  ({ manifest }) => {
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true })
    expect(manifest.files).toEqual(['dist', 'src'])
    expect(manifest.license).toBe('MIT')
  },
)

describe('workflows', () => {
  const folder = join(root, '.github/workflows')
  const workflows = readdirSync(folder).map(
    (name) => [name, readFileSync(join(folder, name), 'utf8')] as const,
  )

  test.each(workflows)('%s uses actions by commit, and no secret', (_, text) => {
    const used = [...text.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action)
    expect(used.length).toBeGreaterThan(0)
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
    expect(text).not.toMatch(/secrets\.|TOKEN/)
    expect(text).toMatch(/^permissions: \{/m)
  })

  test('the release alone may prove who it is', () => {
    const proving = workflows.filter(([, text]) => text.includes('id-token: write'))
    expect(proving.map(([name]) => name)).toEqual(['release.yml'])
  })
})

test('the lockfile names no registry', () => {
  expect(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')).not.toContain('://')
})
