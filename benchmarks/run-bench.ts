import { benches } from './benches.ts'
import { now } from './harness/clock.ts'
import { printScenario } from './harness/report.ts'
import type { BenchResult } from './harness/results.ts'
import type { Settings } from './harness/settings.ts'

/** Runs one benchmark in this process, and prints what it finds. */
export async function runBench(name: string, settings: Settings): Promise<BenchResult> {
  const bench = benches[name]
  if (!bench) throw new Error(`no such benchmark: ${name}`)
  const startedAtMs = now()
  const scenarios = await bench.run(settings)
  const seconds = Math.round((now() - startedAtMs) / 100) / 10
  for (const scenario of scenarios) printScenario(scenario)
  if (bench.contenders.length > 0) console.log('\nSettings:')
  const used: Record<string, string> = {}
  for (const each of bench.contenders) {
    used[each] = (await bench.load(each)).settings
    console.log(`- ${each}: ${used[each]}`)
  }
  console.log(`\n${name} took ${seconds} s`)
  return { bench: name, seconds, scenarios, settings: used }
}
