/**
 * `pnpm checklist`: every promise of the project with the tests that show it. Runs the tests that carry
 * a tag, and fails when a promise that is due is not shown.
 *
 * `pnpm checklist --results FILE` judges what `jest --json` wrote instead of running anything.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { describeVerdict, judge, missing, tagPattern } from './lib/checklist.mjs'
import { bin, reported, root, run } from './lib/run.mjs'

/** The test files in which a tag occurs. */
function taggedFiles() {
  const tag = new RegExp(tagPattern)
  return ['packages', 'docs', 'examples', 'benchmarks', 'scripts']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((file) => join(root, folder, file)),
    )
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .filter((file) => tag.test(readFileSync(file, 'utf8')))
}

async function runTagged() {
  const output = join(root, '.cache', 'checklist.json')
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(output, { force: true })
  const files = taggedFiles().map((file) => relative(root, file))
  const node = ['--experimental-vm-modules', '--no-warnings', bin('jest')]
  const jest = ['--json', `--outputFile=${output}`, '--silent', '--testNamePattern', tagPattern]
  await run(process.execPath, [...node, ...jest, '--runTestsByPath', ...files], { quiet: true })
  return output
}

async function main() {
  const { values } = parseArgs({ options: { results: { type: 'string' } } })
  const file = values.results ?? (await runTagged())
  const checklist = JSON.parse(
    readFileSync(join(root, 'packages/checklist/checklist.json'), 'utf8'),
  )
  const verdicts = judge(checklist, JSON.parse(readFileSync(file, 'utf8')))
  for (const verdict of verdicts) console.log(describeVerdict(verdict))

  const lacking = missing(verdicts)
  const shown = verdicts.filter((verdict) => verdict.shown).length
  const later = verdicts.filter((verdict) => verdict.later && !verdict.shown).length
  console.log(`\n${shown} shown, ${lacking.length} missing, ${later} later`)
  if (lacking.length > 0) {
    console.log(`missing: ${lacking.map(({ title }) => title).join(', ')}`)
    process.exitCode = 1
  }
}

await reported(main)
