/**
 * `pnpm check`: what every change must pass, besides its tests. Runs all steps, then says which
 * failed; a step that needs the work of a failed one is left out.
 *
 * `pnpm check types lint` runs the named steps only, with those that they need.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bin, reported, root, run } from './lib/run.mjs'

const attw = [bin('@arethetypeswrong/cli', 'attw'), '--profile', 'node16', '--format', 'ascii']

const steps = [
  { name: 'generated', run: () => node('scripts/embed-lua.mjs', '--check') },
  { name: 'lua', run: () => node('scripts/check-lua.mjs') },
  { name: 'types', run: () => node('scripts/turbo.mjs', 'run', 'check') },
  { name: 'docstrings', run: () => node('scripts/check-docstrings.mjs') },
  { name: 'script-types', run: () => node(bin('typescript', 'tsc'), '-p', 'tsconfig.check.json') },
  { name: 'lint', run: () => node(bin('@biomejs/biome'), 'check', '--error-on-warnings', '.') },
  { name: 'promises', run: () => node(bin('oxlint'), '--type-aware', '--deny-warnings') },
  { name: 'build', run: () => node('scripts/turbo.mjs', 'run', 'build') },
  { name: 'pack', needs: 'build', run: () => node('scripts/pack.mjs') },
  { name: 'publint', needs: 'pack', run: () => eachTarball(bin('publint'), '--strict') },
  { name: 'attw', needs: 'pack', run: () => eachTarball(...attw) },
  { name: 'pack-smoke', needs: 'pack', run: () => node('scripts/pack-smoke.mjs') },
  { name: 'test-nodes', run: () => node('scripts/test-nodes.mjs') },
]

function node(...args) {
  return run(process.execPath, args)
}

/** One run of a command per packed package, silent where all is well; the worst exit code. */
async function eachTarball(...command) {
  const folder = join(root, '.cache', 'tarballs')
  let worst = 0
  for (const file of readdirSync(folder)) {
    const code = await run(process.execPath, [...command, join(folder, file)], { quiet: true })
    worst = Math.max(worst, code)
  }
  return worst
}

/** The named steps with what they need, in order; all steps if none is named. */
function chosen(names) {
  const wanted = new Set(names)
  for (const step of steps.toReversed()) if (wanted.has(step.name)) wanted.add(step.needs)
  return steps.filter((step) => names.length === 0 || wanted.has(step.name))
}

async function runStep({ name, needs, run: runCommand }, results) {
  if (results.get(needs)?.ok === false) return { ok: false, seconds: 0, why: `needs ${needs}` }
  console.log(`\n── ${name} ──`)
  const start = performance.now()
  const ok = (await runCommand()) === 0
  return { ok, seconds: (performance.now() - start) / 1000, why: '' }
}

async function main(names) {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name))
  if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}`)

  const results = new Map()
  for (const step of chosen(names)) results.set(step.name, await runStep(step, results))

  console.log('\n── result ──')
  for (const [name, { ok, seconds, why }] of results) {
    const time = `${seconds.toFixed(1).padStart(6)} s`
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${time}  ${why}`.trimEnd())
    if (!ok) process.exitCode = 1
  }
}

await reported(() => main(process.argv.slice(2)))
