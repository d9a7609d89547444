/**
 * `pnpm mutation`: changes the sources in every small way that Stryker knows, and looks whether a test
 * notices. `pnpm mutation core` or `pnpm mutation herd-cache` takes one part, `pnpm mutation lua` runs the
 * tests that do the same to the Lua scripts, on a real server. Fails below 85 %.
 *
 * What has not changed since the last run is not run again, also where the lines around it have: then
 * `--force` tells. Further arguments go to Stryker.
 * Reports are left in .cache/mutation.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { bin, mustRun, reported, root, run } from './lib/run.mjs'

const folder = join(root, '.cache', 'mutation')

/** Without the other packages: their tests take longer, and see their own copy of the sources. */
const PARTS = {
  core: {
    mutate: ['packages/core/src/{spec/*,key,duration}.ts'],
    testMatch: ['**/core/test/{spec/*,key,refused-names,duration}.test.ts'],
  },
  'herd-cache': {
    mutate: [
      'packages/herd-cache/src/pipeline/{envelope,seen-version,pipeline,create-pipeline}.ts',
      'packages/herd-cache/src/pipeline/{aes-gcm-cipher,check-secret,zlib-compressor}.ts',
    ],
    testMatch: [
      '**/herd-cache/test/pipeline/{pipeline,aes-gcm-cipher,zlib-compressor,envelope,forged}.test.ts',
    ],
  },
}

/** Their own folder, so that nobody pays for them but who runs this. */
async function installStryker() {
  const manifest = readFileSync(new URL('mutation/package.json', import.meta.url), 'utf8')
  const stamp = join(folder, 'installed.json')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === manifest) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), manifest)
  const flags = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund']
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  await mustRun(npm, ['install', '--prefix', folder, ...flags], {
    shell: process.platform === 'win32',
    quiet: true,
  })
  writeFileSync(stamp, manifest)
}

/** Jest's default environment; Stryker looks for it where only Jest itself can find it. */
function testEnvironment() {
  const jest = createRequire(join(root, 'package.json')).resolve('jest')
  const jestCore = createRequire(jest).resolve('@jest/core')
  return createRequire(jestCore).resolve('jest-environment-node')
}

function configOf(name, { mutate, testMatch }) {
  const plugin = '@stryker-mutator/jest-runner/dist/src/index.js'
  return {
    plugins: [join(folder, 'node_modules', plugin)],
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
    jest: {
      configFile: 'jest.config.js',
      enableFindRelatedTests: false,
      config: {
        roots: [`<rootDir>/packages/${name}`],
        testMatch,
        testEnvironment: testEnvironment(),
        globalSetup: null,
        reporters: [],
      },
    },
    mutate,
    coverageAnalysis: 'perTest',
    // Jest never gives back the ES modules of a test file.
    maxTestRunnerReuse: 100,
    // For mutants that never end. One that is merely slow, on a busy machine, must not count as caught.
    timeoutMS: 30_000,
    incremental: true,
    incrementalFile: join('.cache', 'mutation', `${name}.incremental.json`),
    tempDirName: join('.cache', 'mutation', 'sandboxes'),
    ignorePatterns: ['.cache', 'docs', 'benchmarks', 'examples', 'packages/simulator'],
    reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
    clearTextReporter: { reportTests: false, logTests: false, allowColor: false },
    htmlReporter: { fileName: join(folder, `${name}.html`) },
    jsonReporter: { fileName: join(folder, `${name}.json`) },
    thresholds: { high: 95, low: 90, break: 85 },
    allowConsoleColors: false,
  }
}

async function runPart(name, args) {
  const file = join(folder, `${name}.config.json`)
  writeFileSync(file, JSON.stringify(configOf(name, PARTS[name]), null, 2))
  const stryker = join(folder, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  const code = await run(process.execPath, [stryker, 'run', file, ...args])
  rmSync(join(folder, 'sandboxes'), { recursive: true, force: true })
  return code
}

function runLua(args) {
  const node = ['--experimental-vm-modules', '--no-warnings', bin('jest'), '--verbose']
  return run(process.execPath, [...node, '--testPathPatterns=lua-mutants', ...args])
}

async function main(args) {
  const names = args.filter((arg) => !arg.startsWith('-'))
  const flags = args.filter((arg) => arg.startsWith('-'))
  const unknown = names.filter((name) => name !== 'lua' && !Object.hasOwn(PARTS, name))
  if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}`)
  const wanted = names.length > 0 ? names : [...Object.keys(PARTS), 'lua']
  if (wanted.some((name) => name !== 'lua')) await installStryker()
  for (const name of wanted) {
    const code = await (name === 'lua' ? runLua(flags) : runPart(name, flags))
    if (code !== 0) process.exitCode = 1
  }
}

await reported(() => main(process.argv.slice(2)))
