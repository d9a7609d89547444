import { override } from '../bugs/override.ts'
import { SimStore } from '../store/sim-store.ts'
import { StreamAudit } from '../streams/stream-audit.ts'
import { drawStreamPlan } from '../streams/stream-plan.ts'
import { StreamWorker } from '../streams/stream-worker.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Of a value: a short stream has many chunks. */
const BYTES_MAX = 100
const EVICTIONS_END_MS = 5000

/** Runs one schedule of several processes that read the same streams. */
export function runStreamSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawStreamPlan(dice, bug?.streamPlan ?? {}))
  const { world, server, tally, plan } = stage
  const audit = new StreamAudit(world, server, tally)
  for (const client of stage.clients) {
    const store = stage.openStore(client, audit, SimStore)
    const cache = new subject.HerdCache({
      ...stage.inject(client),
      store: override(store, { facts: { ...store.facts, valueBytesMax: BYTES_MAX } }),
      namespace: 'sim',
      compressor: false,
      lease: plan.leaseMs,
      waitTimeout: plan.waitMs,
    })
    for (let i = 0; i < plan.workers; i++) {
      const worker = new StreamWorker(client, cache, plan, audit)
      stage.start(client, () => worker.run())
    }
  }
  const { dice } = world
  const pick = (keys: readonly string[]) => keys[dice.whole(0, keys.length - 1)]
  for (let i = dice.whole(0, plan.evictionsMax); i > 0; i--) {
    world.in(dice.between(0, EVICTIONS_END_MS), 'evict', () => {
      stage.announce('eviction', ['values'], world.nowMs, world.nowMs)
      audit.evict(pick)
    })
  }
  return stage.play(audit)
}
