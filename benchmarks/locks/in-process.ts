import type { Missing, Scenario, Target } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { ASYNC_LOCK, inProcessContenders, LOCAL, MUTEX, OURS } from './in-process-contenders.ts'
import type { Pair } from './pair.ts'

interface Shape {
  readonly title: string
  readonly callers: number
  readonly names: number
}

const shapes: readonly Shape[] = [
  { title: 'one caller, one key', callers: 1, names: 1 },
  { title: 'one caller, 1,000 keys in turn', callers: 1, names: 1000 },
  { title: '1,000 callers, one key', callers: 1000, names: 1 },
]
const roundsByDefault = 7
const pairsPerTurn = 10_000

/**
 * Locks of one process beside each other: CPU per acquisition and its release, since the wall's clock
 * counts others too on a machine that is shared. Ours have a deadline, a fence and a signal besides.
 */
export async function inProcess(settings: Settings): Promise<Scenario[]> {
  const pairs = new Map<string, Pair>()
  const missing: Missing[] = []
  for (const [name, contender] of Object.entries(inProcessContenders)) {
    try {
      pairs.set(name, await contender.open())
    } catch (error) {
      missing.push({ name, why: (error as Error).message })
    }
  }
  const scenarios: Scenario[] = []
  for (const shape of shapes) scenarios.push(await compare(shape, pairs, missing, settings))
  return scenarios
}

async function compare(
  shape: Shape,
  pairs: ReadonlyMap<string, Pair>,
  missing: readonly Missing[],
  { rounds = roundsByDefault }: Settings,
): Promise<Scenario> {
  const micros = new Map([...pairs.keys()].map((name) => [name, [] as number[]]))
  // The first round is the compiler's.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, pair] of pairs) {
      const each = await cpuMicros(pair, shape)
      if (round > 0) micros.get(name)?.push(each)
    }
  }
  const of = (name: string) => median(micros.get(name) ?? [])
  const best = Math.min(of(OURS), of(LOCAL))
  return {
    title: `in-process: ${shape.title}`,
    notes: [`median of ${rounds} rounds of ${pairsPerTurn} pairs, all in turn`],
    rows: [...micros.keys()].map((library) => ({
      library,
      'CPU us/pair': digits(of(library), 2),
      'pairs per CPU second': digits(1e6 / of(library), 0),
    })),
    targets: [target(MUTEX, of(MUTEX) / best, 1), target(ASYNC_LOCK, of(ASYNC_LOCK) / best, 1 / 3)],
    violations: await overlapsOf(pairs),
    missing,
  }
}

/** Of ours, where many want one name and every section rests. */
async function overlapsOf(pairs: ReadonlyMap<string, Pair>): Promise<string[]> {
  const found: string[] = []
  for (const name of [OURS, LOCAL]) {
    let inside = 0
    let overlaps = 0
    const section = async () => {
      if (inside++ > 0) overlaps++
      await new Promise(setImmediate)
      inside--
    }
    await Promise.all(Array.from({ length: 200 }, () => pairs.get(name)?.('checked', section)))
    if (overlaps > 0) found.push(`${overlaps} sections of ${name} overlapped`)
  }
  return found
}

async function cpuMicros(pair: Pair, { callers, names }: Shape): Promise<number> {
  let left = pairsPerTurn
  const before = process.cpuUsage()
  const work = async () => {
    while (left-- > 0) await pair(`name-${left % names}`)
  }
  await Promise.all(Array.from({ length: callers }, work))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / pairsPerTurn
}

function target(peer: string, ratio: number, limit: number): Target {
  return {
    what: `the better of ours, in pairs of ${peer} for the same CPU`,
    measured: digits(ratio, 2),
    limit: `>= ${digits(limit, 2)}`,
    ok: ratio >= limit,
  }
}
