import { CacheAudit } from '../cache/cache-audit.ts'
import { type CachePlan, drawCachePlan } from '../cache/cache-plan.ts'
import { CacheWorker } from '../cache/cache-worker.ts'
import { recordCache } from '../cache/record-cache.ts'
import { simCacheOptions } from '../cache/sim-cache-options.ts'
import { simStages } from '../cache/sim-stages.ts'
import { SignalSimStore } from '../store/signal-sim-store.ts'
import { SimStore } from '../store/sim-store.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Bugs that are not about these are found without them. */
const PLAIN = {
  ...{ signals: false, packMsMax: 0, tags: 0, clear: 0, invalidate: 0, evict: 0 },
  ...{ keptMsMax: 0, together: 0, jitter: 0, early: 0, openMs: 50, microTtlMs: 0 },
}

/** Runs one schedule of several processes that share one cache. */
export function runCacheSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) =>
    drawCachePlan(dice, {
      // Bugs that are not about signals or packing are found without them.
      ...(bug && PLAIN),
      ...bug?.cachePlan,
    }),
  )
  const { world, server, tally, plan, idleUntilMs } = stage
  const audit = new CacheAudit(world, server, tally, plan)
  if (loadsBeside(plan)) stage.announce('loads beside loads', [], 0)
  server.watcher = audit
  // What a repeated command could bring back is not lost: that would be two faults at once.
  const evict = (tag: string) => {
    const { fromMs, untilMs } = stage.trouble
    if (world.nowMs >= fromMs && world.nowMs < untilMs + 10 * plan.storeTimeoutMs) return false
    stage.announce('eviction', ['values'], world.nowMs, world.nowMs)
    return server.caches.delete(`sim:t1:{${tag}}`)
  }
  const Store = plan.signals ? SignalSimStore : SimStore
  for (const client of stage.clients) {
    const cache = new subject.HerdCache({
      // The longest first: each part that follows is copied property by property.
      ...simCacheOptions(plan, client, audit),
      ...stage.inject(client),
      store: stage.openStore(client, audit, Store),
      ...(plan.packMsMax > 0 && simStages(client, plan, audit)),
    })
    const recorder = stage.recorderOf(client)
    const used = recorder ? recordCache(cache, recorder) : cache
    for (let i = 0; i < plan.workers; i++) {
      const worker = new CacheWorker(client, used, { plan, audit, idleUntilMs, evict })
      stage.start(client, () => worker.run())
    }
  }
  return stage.play(audit)
}

/** Somebody may load although somebody else does, and nothing is wrong. */
const loadsBeside = (plan: CachePlan): boolean =>
  plan.waitMs < 5 * plan.loadMs[1] ||
  [plan.packFails, plan.packsGarbage, plan.expire, plan.invalidate, plan.clear, plan.evict].some(
    (chance) => chance > 0,
  )
