/**
 * The main job, on the memory store or on a real one: many callers, one expensive computation, one run
 * of it. Then what becomes of values later on, and one lock handed through many contenders.
 *
 *   pnpm demo [--url redis://…] [--json]
 */
import { parseArgs } from 'node:util'
import { type Crew, crewOfOne, crewOfProcesses } from './demo/crew.ts'
import { drawProgress, drawScenes, drawTable, drawTimeline } from './demo/draw.ts'
import { openStore, UnusableUrlError } from './demo/open-store.ts'
import { judge, percentile, type ScenarioReport } from './demo/report.ts'
import { type ScenarioName, scenarioNames } from './demo/scenarios.ts'
import { playScenes } from './demo/scenes.ts'
import { type Backend, startBackend } from './demo/start-backend.ts'
import type { Task } from './demo/task.ts'

const CALLERS = 1000
const CONTENDERS = 20
const PROCESSES = 4

async function runScenario(
  crew: Crew,
  backend: Backend,
  scenario: ScenarioName,
  runId: string,
): Promise<ScenarioReport> {
  const task: Task = {
    kind: 'herd',
    scenario,
    callers: CALLERS / crew.size,
    runId,
    backendUrl: backend.url,
  }
  let done = 0
  const results = await crew.perform(Array(crew.size).fill(task), () => {
    drawProgress(scenario, ++done, CALLERS)
  })
  const waitsMs = results.flatMap((result) => result.waitsMs)
  return {
    name: scenario,
    callers: waitsMs.length,
    processes: crew.size,
    loads: await backend.takeLoads(),
    p50Ms: percentile(waitsMs, 0.5),
    p99Ms: percentile(waitsMs, 0.99),
    maxMs: percentile(waitsMs, 1),
  }
}

async function runRelay(crew: Crew, runId: string) {
  const tasks = Array.from({ length: crew.size }, (_, member): Task => {
    const count = CONTENDERS / crew.size
    const contenders = Array.from({ length: count }, (_, n) => `${member + 1}.${n + 1}`)
    return { kind: 'relay', contenders, runId }
  })
  let done = 0
  const results = await crew.perform(tasks, () => drawProgress('lock', ++done, CONTENDERS))
  return results.flatMap((result) => result.turns)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { url: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const opened = await openStore(values.url)
  const crew = values.url ? await crewOfProcesses(values.url, PROCESSES) : crewOfOne(opened)
  const backend = await startBackend()
  const runId = `run-${Date.now().toString(36)}`

  const where = crew.size === 1 ? 'in one process' : `in ${crew.size} processes`
  console.log(`${CALLERS} callers ${where} on ${opened.name} ask for one report of about 200 ms\n`)
  const scenarios: ScenarioReport[] = []
  for (const name of scenarioNames) scenarios.push(await runScenario(crew, backend, name, runId))
  console.log(drawTable(scenarios))

  const second = values.url ? await openStore(values.url) : opened
  console.log(`\nLater, in two services on ${opened.name}: a value has been loaded, and\n`)
  console.log(drawScenes(await playScenes([opened.store, second.store], runId)))

  const turns = await runRelay(crew, runId)
  const lock = judge(turns)
  console.log(`\nOne lock through ${CONTENDERS} contenders (process.contender)\n`)
  console.log(drawTimeline(turns, lock))

  if (values.json) {
    const report = scenarios.map(({ maxMs: _, ...scenario }) => scenario)
    console.log(JSON.stringify({ store: opened.name, scenarios: report, lock }))
  }
  backend.stop()
  crew.dismiss()
  await opened.close()
  if (second !== opened) await second.close()
}

try {
  await main()
} catch (error) {
  const isMisuse =
    error instanceof UnusableUrlError ||
    String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  if (!isMisuse) throw error
  console.error(`demo: ${(error as Error).message}`)
  process.exit(2)
}
