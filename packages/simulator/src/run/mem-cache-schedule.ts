import { drawCachePlan } from '../cache/cache-plan.ts'
import { CacheWorker } from '../cache/cache-worker.ts'
import { MemCacheAudit } from '../memcached/mem-cache-audit.ts'
import { drawMemPlan } from '../memcached/mem-plan.ts'
import { MemStage } from '../memcached/mem-stage.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Tags are of the cache, and any store will do for them. */
const NO_TAGS = { tags: 0, invalidate: 0, clear: 0, evict: 0 } as const

/** Runs one schedule of several processes that share one cache on a memcached. */
export function runMemCacheSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => ({
    ...drawCachePlan(dice, {
      signals: false,
      packMsMax: 0,
      ...NO_TAGS,
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
      ...stage.inject(client),
      store: memcached.openStore(client, audit),
      namespace: 'sim',
      lease: plan.leaseMs,
      waitTimeout: plan.waitMs,
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
  return stage.play(audit).finally(() => memcached.end())
}
