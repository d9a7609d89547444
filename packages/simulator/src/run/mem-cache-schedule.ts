import { drawCachePlan } from '../cache/cache-plan.ts'
import { CacheWorker } from '../cache/cache-worker.ts'
import { simCacheOptions } from '../cache/sim-cache-options.ts'
import { MemCacheAudit } from '../memcached/mem-cache-audit.ts'
import { drawMemPlan } from '../memcached/mem-plan.ts'
import { MemStage } from '../memcached/mem-stage.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** What a cache does for itself is as on any store. */
const PLAIN = {
  ...{ signals: false, packMsMax: 0, tags: 0, clear: 0, invalidate: 0, evict: 0 },
  ...{ keptMsMax: 0, jitter: 0, early: 0, openMs: 50, microTtlMs: 0 },
}

/** Runs one schedule of several processes that share one cache on a memcached. */
export function runMemCacheSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => ({
    ...drawCachePlan(dice, {
      ...PLAIN,
      // A command takes several round trips, and all of them again when others are in its way.
      storeTimeoutMs: dice.whole(250, 600),
      ...bug?.cachePlan,
    }),
    ...drawMemPlan(dice, bug?.memPlan ?? {}),
  }))
  const { world, tally, plan, idleUntilMs } = stage
  const memcached = new MemStage(stage, schedule)
  const audit = new MemCacheAudit(world, memcached.server, tally, plan)
  for (const client of stage.clients) {
    const cache = new subject.HerdCache({
      ...simCacheOptions(plan, client, audit),
      ...stage.inject(client),
      store: memcached.openStore(client, audit),
    })
    for (let i = 0; i < plan.workers; i++) {
      const worker = new CacheWorker(client, cache, {
        plan,
        audit,
        idleUntilMs,
        evict: () => false,
      })
      stage.start(client, () => worker.run())
    }
  }
  memcached.planLosses(audit)
  return stage.play(audit)
}
