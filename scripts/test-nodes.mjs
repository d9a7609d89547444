/** Runs the whole test suite once on each supported Node; all of them, even if one fails. */
import { supportedNodes } from './lib/nodes.mjs'
import { run } from './lib/run.mjs'

for (const { major, program } of await supportedNodes()) {
  console.log(`Node ${major}:`)
  const code = await run(program, ['scripts/test.mjs', ...process.argv.slice(2)])
  if (code !== 0) process.exitCode = code
}
