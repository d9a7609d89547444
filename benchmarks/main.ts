/**
 * `pnpm bench [NAME] [--json] [--rounds N] [--only redlock,verrou]`: ours beside the peers and the floor, in one
 * run; all benchmarks, or the one that is named. `--json` ends with one object. `--write-docs` keeps what a
 * run of all has found beside the page of the documentation, and draws the page; `pnpm bench page` draws it again.
 * Fails only when something was incorrect, or could not run: a missed target is a figure like others, on a
 * machine that may be busy.
 */
import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import type { BenchResult } from './harness/results.ts'
import { installPeers } from './install-peers.ts'
import { drawPage, keepResults } from './page/page-files.ts'
import { runAll } from './run-all.ts'
import { runBench } from './run-bench.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    'write-docs': { type: 'boolean', default: false },
  },
})
const [name] = positionals

if (name === undefined) await all()
else if (name === 'page') await drawPage()
else if (name in benches) await one(name)
else {
  console.error(
    `pnpm bench [${Object.keys(benches).join('|')}|page] [--json] [--rounds N] [--only A,B] [--write-docs]`,
  )
  process.exitCode = 2
}

async function all(): Promise<void> {
  await installPeers()
  const rounds = values.rounds === undefined ? [] : ['--rounds', values.rounds]
  const results = await runAll([...rounds, '--only', values.only])
  for (const result of results.benches) judge(result)
  if (values['write-docs']) {
    await keepResults(results)
    await drawPage()
  }
  if (values.json) console.log(JSON.stringify(results))
}

async function one(bench: string): Promise<void> {
  // Whoever runs all has installed them.
  if (!process.send) await installPeers()
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const only = values.only.split(',').filter(Boolean)
  // Of a peer, in the background, when its server has ended.
  process.on('unhandledRejection', (error) => console.error(String(error)))
  const result = await runBench(bench, { rounds, only })
  judge(result)
  if (values.json) console.log(JSON.stringify(result))
  if (process.send) await new Promise((resolve) => process.send?.(result, resolve))
  // A peer may hold a connection that nobody can close.
  process.exit()
}

function judge({ scenarios, failed }: BenchResult): void {
  const isIncorrect = scenarios.some(({ violations }) => violations.length > 0)
  if (isIncorrect || failed !== undefined) process.exitCode = 1
}
