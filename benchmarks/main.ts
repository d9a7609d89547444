/**
 * `pnpm bench NAME [--json] [--rounds N] [--only redlock,verrou]`: ours beside its peers, in one run.
 * `--json` ends with one object; `--svg FILE` draws what has a picture. Fails only when something was incorrect: a missed target is a
 * figure like others, on a machine that may be busy.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type DotChart, dotChart } from './harness/dot-chart.ts'
import { printScenario, type Scenario } from './harness/report.ts'
import type { Settings } from './harness/settings.ts'
import { coldHerd } from './herd/cold-herd.ts'
import { contenderNames as caches, loadContender as loadCache } from './herd/contenders.ts'
import { expiry } from './herd/expiry.ts'
import { fail } from './herd/fail.ts'
import { hit } from './herd/hit.ts'
import { nearContenders } from './herd/near-contenders.ts'
import { staleSet } from './herd/stale-set.ts'
import { drawStampede, stampede, stampedeContenders } from './herd/stampede.ts'
import { storeDown } from './herd/store-down.ts'
import { installPeers } from './install-peers.ts'
import { clusterConfirm } from './locks/cluster-confirm.ts'
import { contended } from './locks/contended.ts'
import { loadContender as loadLock, contenderNames as locks, OURS } from './locks/contenders.ts'
import { inProcess } from './locks/in-process.ts'
import { inProcessContenders } from './locks/in-process-contenders.ts'
import { roundTrips } from './locks/round-trips.ts'
import { scale } from './locks/scale.ts'
import { uncontended } from './locks/uncontended.ts'
import { wakeUp } from './locks/wake-up.ts'

interface Bench {
  run(settings: Settings): Promise<Scenario[]>
  readonly contenders: readonly string[]
  load(name: string): Promise<{ readonly settings: string }>
  draw?(scenarios: readonly Scenario[]): DotChart
}

const benches: Readonly<Record<string, Bench>> = {
  'wake-up': { run: wakeUp, contenders: locks, load: loadLock },
  contended: { run: contended, contenders: locks, load: loadLock },
  uncontended: { run: uncontended, contenders: locks, load: loadLock },
  'in-process': {
    run: inProcess,
    contenders: Object.keys(inProcessContenders),
    load: async (name) => ({ settings: inProcessContenders[name]?.settings ?? '' }),
  },
  scale: { run: scale, contenders: [OURS], load: loadLock },
  'round-trips': { run: roundTrips, contenders: [], load: loadLock },
  'cluster-confirm': { run: clusterConfirm, contenders: [], load: loadLock },
  hit: {
    run: hit,
    contenders: Object.keys(nearContenders),
    load: async (name) => ({ settings: nearContenders[name]?.settings ?? '' }),
  },
  'cold-herd': { run: coldHerd, contenders: caches, load: loadCache },
  stampede: {
    run: stampede,
    contenders: stampedeContenders,
    load: loadCache,
    draw: drawStampede,
  },
  fail: { run: fail, contenders: caches, load: loadCache },
  expiry: { run: expiry, contenders: caches, load: loadCache },
  'stale-set': { run: staleSet, contenders: caches, load: loadCache },
  'store-down': { run: storeDown, contenders: caches, load: loadCache },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    svg: { type: 'string' },
  },
})
const bench = benches[positionals[0] ?? '']
if (bench) await runBench(positionals[0] as string, bench)
else {
  console.error(
    `pnpm bench ${Object.keys(benches).join('|')} [--json] [--rounds N] [--only A,B] [--svg FILE]`,
  )
  process.exitCode = 2
}

async function runBench(name: string, { run, contenders, load, draw }: Bench): Promise<void> {
  if (contenders.length > 0) await installPeers()
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const scenarios = await run({ rounds, only: values.only.split(',').filter(Boolean) })
  for (const scenario of scenarios) printScenario(scenario)
  if (contenders.length > 0) console.log('\nSettings:')
  const settings: Record<string, string> = {}
  for (const each of contenders) {
    settings[each] = (await load(each)).settings
    console.log(`- ${each}: ${settings[each]}`)
  }
  if (scenarios.some(({ violations }) => violations.length > 0)) process.exitCode = 1
  if (values.svg && draw) await writeFile(values.svg, dotChart(draw(scenarios)))
  if (values.json) console.log(JSON.stringify({ bench: name, scenarios, settings }))
}
