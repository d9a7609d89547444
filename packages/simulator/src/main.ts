/**
 * `pnpm sim`: runs the production code in simulated worlds full of faults, and checks its invariants
 * after every event. Exit code 1 if one does not hold, if the run has tested too little, or if a seeded
 * bug is not found.
 */
import { checkBugs } from './commands/check-bugs.ts'
import { checkHistories } from './commands/check-histories.ts'
import { checkProduction } from './commands/check-production.ts'
import { type Options, parseOptions, USAGE } from './options.ts'

const checkAll = (options: Options) =>
  options.history === undefined
    ? checkProduction(options)
    : checkHistories(options, options.history)

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const sound = await (options.mutants ? checkBugs(options) : checkAll(options))
  if (!sound) process.exitCode = 1
}

await main().catch((error: Error) => {
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 1
})
