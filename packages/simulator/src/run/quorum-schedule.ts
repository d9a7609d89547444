import { Network } from '../net/network.ts'
import { planOutage } from '../net/outage.ts'
import { NodeStore } from '../quorum/node-store.ts'
import { QuorumAudit } from '../quorum/quorum-audit.ts'
import { QuorumNode } from '../quorum/quorum-node.ts'
import { drawQuorumPlan, type QuorumPlan } from '../quorum/quorum-plan.ts'
import { GRACE_MS_MAX, QuorumWorker } from '../quorum/quorum-worker.ts'
import { SimServer } from '../store/sim-server.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Runs one schedule of several processes that fight for locks on several servers. */
export function runQuorumSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawQuorumPlan(dice, bug?.quorumPlan ?? {}))
  const { world, tally, plan, trouble } = stage
  const nodes = Array.from({ length: plan.nodes }, (_, id) => makeNode(stage, schedule, id))
  planRestarts(stage, nodes)
  const audit = new QuorumAudit(world, tally, nodes)
  for (const client of stage.clients) {
    const injected = stage.inject(client)
    const stores = nodes.map((node) => {
      const { server, network } = node
      const pushes = { tally, trouble, timeoutMs: plan.storeTimeoutMs }
      const observer = audit.observer(node)
      const storeTimeoutMs = plan.storeTimeoutMs
      const context = { client, server, network, observer, storeTimeoutMs, pushes }
      return new NodeStore(context, node)
    })
    const { clock, random } = injected
    const nodeTimeout = Math.ceil(plan.storeTimeoutMs / 3)
    const store = subject.quorum(stores, { clock, random, nodeTimeout })
    const locks = subject.createLocks(store, injected)
    const worker = new QuorumWorker(client, locks, plan, audit)
    stage.start(client, () => worker.run())
  }
  return stage.play(audit)
}

/** Each node has outages of its own. */
function makeNode(
  { world, tally, plan, trouble, faults }: Stage<QuorumPlan>,
  { subject }: Schedule,
  id: number,
): QuorumNode {
  const { dice } = world
  const { storeTimeoutMs } = plan
  const outages = Array.from({ length: dice.whole(0, faults.outagesMax) }, () =>
    planOutage(dice, trouble, storeTimeoutMs),
  )
  const network = new Network(world, tally, { storeTimeoutMs, outages, trouble })
  return new QuorumNode(id, new SimServer(world, subject.steps), network)
}

/** One node at most loses its data, and keeps to the rule: back no sooner than the longest lease is over. */
function planRestarts({ world, plan, trouble }: Stage<QuorumPlan>, nodes: readonly QuorumNode[]) {
  const { dice } = world
  const node = nodes[dice.whole(0, nodes.length - 1)]
  const longestMs = plan.ttlMs[1] + GRACE_MS_MAX + 10
  const isEmptied = dice.chance(plan.restart)
  if (!node || (!isEmptied && !dice.chance(plan.hiccup))) return
  const downMs = isEmptied ? longestMs : dice.spread(5, 2 * plan.storeTimeoutMs)
  const fromMs = dice.between(trouble.fromMs, trouble.untilMs)
  world.at(fromMs, 'node down', () => node.goDown(isEmptied))
  world.at(fromMs + downMs, 'node up', () => node.comeBack())
}
