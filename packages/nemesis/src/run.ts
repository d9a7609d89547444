import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type History, openRecorder, readHistory, sharedClock } from '@locks/history'
import type { Backend } from './backend.ts'
import { Chance } from './chance.ts'
import { Coordinator } from './coordinator.ts'
import { faultPlan } from './fault-plan.ts'
import type { Fault } from './faults/fault.ts'
import { Scene } from './faults/scene.ts'
import { Fleet } from './fleet.ts'
import type { Sabotage } from './worker/worker-settings.ts'
import { openWorld } from './worlds/open-world.ts'
import type { WorldOptions } from './worlds/world.ts'

export interface RunOptions extends WorldOptions {
  readonly backend: Backend
  readonly seed: number
  /** Asked after each step of the plan; `steps` = how many there were, `history` = what is on record. */
  readonly isEnough: (steps: number, history: () => Promise<History>) => boolean | Promise<boolean>
  /** What strikes, step by step. Default: all, for ever, in an order of chance. */
  readonly plan?: (faults: readonly Fault[], chance: Chance) => Iterable<readonly Fault[]>
  /** How long each fault lasts. Default: by chance. */
  readonly lastMs?: number
  readonly sabotage?: Sabotage
  /** Where the histories go, and stay. Default: a temporary folder. */
  readonly keep?: string | undefined
}

/** What a run leaves behind. */
export interface Run {
  readonly backend: Backend
  readonly history: History
  readonly elapsedMs: number
  /** From the end of a fault until every lock had been granted again. */
  readonly recoveriesMs: Readonly<Record<string, number>>
  /** What no user should ever see. */
  readonly surprises: readonly string[]
  /** Of the resource that takes writes without a fence. */
  readonly lostUpdates: number
  /** Accesses that the other one has refused. */
  readonly refusedByFence: number
  readonly faults: readonly Fault[]
  readonly skipped: Readonly<Record<string, string>>
}

/** Workers at work, and faults as long as it is not enough. */
export async function run(options: RunOptions): Promise<Run> {
  const { backend, seed, sabotage, lastMs, plan = faultPlan } = options
  const temporary = await mkdtemp(join(tmpdir(), 'locks-nemesis-'))
  const folder = options.keep ?? temporary
  await mkdir(folder, { recursive: true })
  const history = async () => readHistory(await filesIn(folder))
  const startMs = sharedClock.now()
  try {
    await using world = await openWorld(backend, options)
    const recorder = openRecorder('coordinator', join(folder, 'coordinator.jsonl'))
    using coordinator = await Coordinator.open(recorder, join(temporary, 'coordinator'))
    const settingsOf = (place: number) => ({ ...world.settingsOf(place), folder, sabotage })
    await using fleet = await Fleet.start(coordinator, settingsOf, { ...world, seed })
    const chance = new Chance(seed)
    const scene = new Scene({ coordinator, fleet, chance, recorder, lastMs })
    const steps = plan(world.faults, chance)
    const isEnough = (count: number) => options.isEnough(count, history)
    const recoveriesMs = await harass(scene, steps, isEnough).catch((error) => {
      // What befalls a process that is no more fails too, and says less.
      throw coordinator.dead ?? error
    })
    await fleet.stop()
    coordinator.takeStock()
    const surprises = [...coordinator.surprises, ...(fleet.stderr ? [fleet.stderr] : [])]
    const { faults, skipped } = world
    const elapsedMs = sharedClock.now() - startMs
    const accesses = coordinator.accesses()
    return {
      backend,
      history: await history(),
      elapsedMs,
      recoveriesMs,
      surprises,
      ...accesses,
      faults,
      skipped,
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** One step of the plan after the other, each until all goes on again; the worst recovery by fault. */
async function harass(
  scene: Scene,
  plan: Iterable<readonly Fault[]>,
  isEnough: (steps: number) => boolean | Promise<boolean>,
): Promise<Readonly<Record<string, number>>> {
  const worst: Record<string, number> = {}
  let steps = 0
  for (const step of plan) {
    await Promise.all(step.map((fault) => fault.strike(scene)))
    const recoveryMs = await scene.recovered()
    for (const { kind } of step) worst[kind] = Math.max(worst[kind] ?? 0, recoveryMs)
    if (await isEnough(++steps)) return worst
  }
  return worst
}

async function filesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder)
  return files.filter((file) => file.endsWith('.jsonl')).map((file) => join(folder, file))
}
