import type { Campaign, Range } from '../run/campaign.ts'
import { Trace } from '../time/trace.ts'
import type { WorkerPool } from './worker-pool.ts'

/** In one job. Not of the number of workers: the whole would have another hash. */
const PART = 500

/** Runs a range in parts, on all workers. The same seeds give the same result, however many they are. */
export async function runRanges(pool: WorkerPool, range: Range): Promise<Campaign> {
  const { seed, schedules, violationsMax } = range
  const parts: Promise<Campaign>[] = []
  let violations = 0
  const count = Math.ceil(schedules / PART)
  const take = async () => {
    while (parts.length < count && violations < violationsMax) {
      const from = parts.length * PART
      const part = { seed: seed + from, schedules: Math.min(PART, schedules - from), violationsMax }
      const running = pool.run({ kind: 'campaign', range: part })
      parts.push(running)
      violations += (await running).violations.length
    }
  }
  await Promise.all(Array.from({ length: pool.size }, take))
  return merged(await Promise.all(parts), violationsMax)
}

/** Without the parts that only chance has begun before the last violation was known. */
function merged(parts: readonly Campaign[], violationsMax: number): Campaign {
  const trace = new Trace(false)
  const counts: Record<string, number> = {}
  const violations: Campaign['violations'][number][] = []
  let schedules = 0
  let events = 0
  for (const part of parts) {
    if (violations.length >= violationsMax) break
    schedules += part.schedules
    events += part.events
    trace.add(0, schedules, part.hash)
    violations.push(...part.violations)
    for (const [what, count] of Object.entries(part.counts)) {
      counts[what] = (counts[what] ?? 0) + count
    }
  }
  const sorted = Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    ...{ schedules, events, hash: trace.hash, counts: sorted },
    violations: violations.slice(0, violationsMax),
  }
}
