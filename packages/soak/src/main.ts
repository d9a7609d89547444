/**
 * `pnpm soak`: processes that work on locks and caches for a long time, and what grows meanwhile: live
 * heap, buffers, sockets and timers, listeners, entries. Exit code 1 if anything does.
 */
import { parseOptions, USAGE } from './options.ts'
import { report } from './report.ts'
import { runSoak } from './run.ts'

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const soak = await runSoak(options)
  console.log(options.json ? JSON.stringify({ ...options, ...soak }) : report(options, soak))
  if (soak.trends.some(({ grows }) => grows)) process.exitCode = 1
}

await main().catch((error: Error) => {
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 1
})
