/** turbo without telemetry; its own switch for that is an environment variable. */
import { bin, run } from './lib/run.mjs'

process.exitCode = await run(process.execPath, [bin('turbo'), ...process.argv.slice(2)], {
  env: { TURBO_TELEMETRY_DISABLED: '1' },
})
