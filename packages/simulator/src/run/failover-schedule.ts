import type { LeaseStore } from '@locks/core'
import { FailoverAudit } from '../failover/failover-audit.ts'
import { drawFailoverPlan, type FailoverPlan } from '../failover/failover-plan.ts'
import { ReplicatedServer } from '../failover/replicated-server.ts'
import { ReplicatedShard } from '../failover/replicated-shard.ts'
import { ShardNode } from '../failover/shard-node.ts'
import { shardParts } from '../failover/shard-parts.ts'
import { ShardStore } from '../failover/shard-store.ts'
import { Network } from '../net/network.ts'
import { planOutage } from '../net/outage.ts'
import { QuorumWorker } from '../quorum/quorum-worker.ts'
import type { StoreObserver } from '../store/store-observer.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Runs one schedule of several processes that fight for locks on a master with replicas. */
export function runFailoverSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawFailoverPlan(dice, bug?.failoverPlan ?? {}))
  const { world, tally, plan, trouble, faults } = stage
  const { storeTimeoutMs, confirm, withinMs } = plan
  const shard = makeShard(stage, schedule)
  planReplicas(stage, shard)
  planFailover(stage, shard)
  const audit = new FailoverAudit(world, tally, shard, plan)
  const outages = Array.from({ length: world.dice.whole(0, faults.outagesMax) }, () =>
    planOutage(world.dice, trouble, storeTimeoutMs),
  )
  const network = new Network(world, tally, { storeTimeoutMs, outages, trouble })
  for (const { server } of shard.nodes) {
    server.watcher = { pushed: ({ token }) => audit.pushed(token) }
  }
  const observer: StoreObserver = {
    sent: (command) => audit.sent(command),
    executed() {},
    answered() {},
  }
  for (const client of stage.clients) {
    const { server } = shard.master
    const pushes = { tally, trouble, timeoutMs: storeTimeoutMs }
    const context = { client, server, network, observer, storeTimeoutMs, pushes }
    const routed = methodsOf(new ShardStore(context, shard))
    const parts = shardParts(client, shard, { trouble, storeTimeoutMs })
    const store =
      confirm === 0
        ? routed
        : new subject.ConfirmedLeases(routed, { confirm, withinMs }, parts).store
    const acquire: LeaseStore['acquire'] = (request) => {
      audit.asks(client, request)
      return store.acquire(request)
    }
    const locks = subject.createLocks({ ...store, acquire }, stage.inject(client))
    const worker = new QuorumWorker(client, locks, plan, audit)
    stage.start(client, () => worker.run())
  }
  return stage.play(audit)
}

/** Who decorates a store spreads it: its methods must be its own. */
function methodsOf(store: ShardStore): LeaseStore {
  return {
    facts: store.facts,
    acquire: (request) => store.acquire(request),
    steal: (request) => store.steal(request),
    extend: (request) => store.extend(request),
    release: (request) => store.release(request),
    leave: (request) => store.leave(request),
    inspect: (key) => store.inspect(key),
    onGrant: (subscriber, listener) => store.onGrant(subscriber, listener),
    close: () => store.close(),
  }
}

function makeShard({ world, plan }: Stage<FailoverPlan>, { subject }: Schedule): ReplicatedShard {
  const lines: ReplicatedServer['lines'] = new Map()
  const ahead = world.dice.whole(1, plan.replicas)
  const nodes = Array.from({ length: plan.replicas + 1 }, (_, id) => {
    const aheadMs = id === ahead ? plan.aheadMs : 0
    const server = new ReplicatedServer(world, subject.steps, lines, aheadMs)
    return new ShardNode(id, world, server, world.dice.between(0.2, plan.lagMs))
  })
  return new ReplicatedShard(world, nodes)
}

/** Replicas lag and stand still for a while, each in its own time. */
function planReplicas({ world, plan, trouble }: Stage<FailoverPlan>, shard: ReplicatedShard) {
  const { dice } = world
  const stopFor = (
    count: number,
    begin: (node: ShardNode) => void,
    end: (node: ShardNode) => void,
  ) => {
    for (let i = 0; i < count; i++) {
      const node = shard.nodes[dice.whole(1, plan.replicas)] as ShardNode
      const fromMs = dice.between(trouble.fromMs, trouble.untilMs)
      const untilMs = Math.min(trouble.untilMs, fromMs + dice.spread(10, 2000))
      world.at(fromMs, 'replica stops', () => node.isMaster || begin(node))
      world.at(untilMs, 'replica goes on', () => node.isMaster || end(node))
    }
  }
  stopFor(
    plan.cuts,
    (node) => node.cut(),
    (node) => node.sync(),
  )
  stopFor(
    plan.freezes,
    (node) => node.freeze(),
    (node) => {
      node.thaw()
      for (const link of shard.links) link.pump()
    },
  )
}

/** The master fails once at most. */
function planFailover(
  { world, plan, trouble, clients, tally }: Stage<FailoverPlan>,
  shard: ReplicatedShard,
) {
  const { dice } = world
  if (plan.fails === 'never') return
  const atMs = dice.between(trouble.fromMs, trouble.untilMs)
  const minority = new Set(clients.filter(() => dice.chance(0.5)))
  const electedMs = atMs + dice.spread(5, 600)
  const healedMs = electedMs + dice.spread(1, 600)
  const old = shard.master
  const happens = (what: string, run: () => void) => () => {
    tally.add('failover', what)
    run()
    for (const client of clients) client.trouble(world.nowMs + 1.01 * plan.storeTimeoutMs)
  }
  if (plan.fails === 'wipe') {
    world.at(
      atMs,
      'master wiped',
      happens('wipe', () => shard.wipe()),
    )
    return
  }
  const begin = () => (plan.fails === 'crash' ? shard.crash() : shard.isolate(minority))
  world.at(atMs, 'master fails', happens(plan.fails, begin))
  const elect = () => void shard.elect(plan.elects)
  world.at(electedMs, 'election', happens(`elects ${plan.elects}`, elect))
  world.at(
    healedMs,
    'old master back',
    happens('heals', () => shard.heal(old)),
  )
}
