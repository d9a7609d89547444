import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { benches } from './benches.ts'
import { describeEnvironment } from './harness/environment.ts'
import type { BenchResult, Results } from './harness/results.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/**
 * All benchmarks, one after another, each in a process of its own: what the compiler has learnt in one,
 * and what a peer has left behind, is nothing to the next. One that fails is told by name; the others go on.
 */
export async function runAll(args: readonly string[]): Promise<Results> {
  const environment = await describeEnvironment()
  const results: BenchResult[] = []
  for (const name of Object.keys(benches)) {
    console.log(`\n# ${name}`)
    results.push(await runApart(name, args))
  }
  return { environment, benches: results }
}

async function runApart(name: string, args: readonly string[]): Promise<BenchResult> {
  const child = spawn(process.execPath, [...process.execArgv, main, name, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let result: BenchResult | undefined
  child.on('message', (message) => {
    result = message as BenchResult
  })
  const [code, signal] = await once(child, 'close')
  if (result) return result
  const failed = `ended with ${code ?? signal}`
  console.log(`FAILED: ${name} ${failed}`)
  return { bench: name, seconds: 0, scenarios: [], settings: {}, failed }
}
