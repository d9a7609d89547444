import type { SignalListener } from '@locks/core'
import { NearAudit } from '../near/near-audit.ts'
import { drawNearPlan } from '../near/near-plan.ts'
import { NearWorker } from '../near/near-worker.ts'
import { SignalSimStore } from '../store/signal-sim-store.ts'
import { SimStore } from '../store/sim-store.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Runs one schedule of several processes that keep values of one cache in themselves. */
export function runNearSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) =>
    drawNearPlan(dice, {
      // Bugs that are not about these are found without them.
      ...(bug && { invalidate: 0, clear: 0 }),
      ...bug?.nearPlan,
    }),
  )
  const { world, server, tally, plan } = stage
  const audit = new NearAudit(world, tally, plan)
  const signalOf = server.signalOf.bind(server)
  server.signalOf = (key) => {
    const push = signalOf(key)
    return (signal) => {
      audit.pushes(key, signal)
      push(signal)
    }
  }
  class HeardStore extends SignalSimStore {
    override onSignal(prefix: string, listener: SignalListener) {
      const { client } = this.context
      const signal: SignalListener['signal'] = (key, pushed) => {
        if (pushed.type === 'changed') audit.hears(client, key, pushed)
        listener.signal(key, pushed)
      }
      return super.onSignal(prefix, {
        signal,
        disconnected: () => listener.disconnected(),
        reconnected: () => listener.reconnected(),
      })
    }
  }
  for (const client of stage.clients) {
    const cache = new subject.HerdCache({
      ...stage.inject(client),
      store: stage.openStore(client, audit, plan.signals ? HeardStore : SimStore),
      namespace: 'sim',
      l1: { max: plan.max, ttl: plan.nearMs },
    })
    for (let i = 0; i < plan.workers; i++) {
      const worker = new NearWorker(client, cache, plan, audit)
      stage.start(client, () => worker.run())
    }
  }
  return stage.play(audit)
}
