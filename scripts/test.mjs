/**
 * `pnpm test`: the repository's Jest in ES module mode. Arguments go to Jest (`pnpm test -t fence`).
 *
 * The last line is always `N passed, N failed, N skipped`. The reporter counts, and sends the
 * result here to be printed after Jest has ended: Jest may have more to say after its reporters
 * (open handles, say), or may die before they run.
 */
import { spawn } from 'node:child_process'
import { bin, root } from './lib/run.mjs'

const child = spawn(
  process.execPath,
  ['--experimental-vm-modules', '--no-warnings', bin('jest'), ...process.argv.slice(2)],
  { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
)

let counts = { passed: 0, failed: 0, skipped: 0 }
child.on('message', (message) => {
  counts = message
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))

child.on('close', (code) => {
  process.exitCode = code ?? 1
  // Failed without a failed test: no reporter ran, no test was found, or a threshold was missed.
  const failed = Math.max(counts.failed, process.exitCode === 0 ? 0 : 1)
  console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`)
})
