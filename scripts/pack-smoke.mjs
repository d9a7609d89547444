/**
 * Installs the packed packages (`node scripts/pack.mjs`) as a user would, into a project outside
 * this repository, and loads every package and subpath there: by `import`, by `require`, and
 * inside a CommonJS Jest, on each supported Node.
 *
 * The project is strict (no hoisting): a dependency that a package uses without declaring it is
 * found in our workspace by luck, and missing there.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { supportedNodes } from './lib/nodes.mjs'
import { publishedPackages, specifiers } from './lib/published.mjs'
import { mustRun, pnpm, reported, root } from './lib/run.mjs'

const manifests = publishedPackages().map(({ manifest }) => manifest)
const names = manifests.flatMap(specifiers)

const load = `
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)

for (const name of ${JSON.stringify(names)}) {
  const imported = Object.keys(await import(name)).sort()
  const required = Object.keys(require(name)).sort()
  assert.deepEqual(required, imported, name)
  console.log(process.version, name, imported.length, 'exports, same by import and by require')
}
`

const jestTest = `
test.each(${JSON.stringify(names)})('require(%s)', (name) => {
  expect(typeof require(name)).toBe('object')
})
`

function createProject() {
  const folder = mkdtempSync(join(tmpdir(), 'locks-pack-smoke-'))
  const tarballs = manifests.map(({ name }) => [
    name,
    `file:${join(root, '.cache', 'tarballs', `${name.split('/')[1]}.tgz`)}`,
  ])
  const manifest = {
    private: true,
    dependencies: { ...Object.fromEntries(tarballs), redis: '^6.3.1' },
    devDependencies: { jest: '30.5.2' },
  }
  // The packages ask for one another by version, which no registry has yet: hence the overrides.
  const settings = {
    hoist: false,
    strictPeerDependencies: true,
    overrides: Object.fromEntries(tarballs),
    allowBuilds: { '@parcel/watcher': false },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), JSON.stringify(settings)) // JSON is YAML
  writeFileSync(join(folder, 'load.mjs'), load)
  writeFileSync(join(folder, 'load.test.js'), jestTest)
  return folder
}

async function main() {
  const cwd = createProject()
  const install = ['install', '--prefer-offline', '--no-frozen-lockfile']
  try {
    await pnpm(install, { cwd, quiet: true })
    for (const { program } of await supportedNodes()) {
      // Would load TypeScript, and fail, if the condition were still in the packed manifests.
      await mustRun(program, ['--conditions=@locks/source', 'load.mjs'], { cwd })
      await mustRun(program, ['node_modules/jest/bin/jest.js'], { cwd, quiet: true })
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

await reported(main)
