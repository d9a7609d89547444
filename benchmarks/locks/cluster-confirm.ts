import { createLocks, type Locks, redisClusterStore } from '@locks/redis-cluster'
import { type RedisCluster, RespConnection, startRedisCluster } from '@locks/test-servers'
import { createCluster } from 'redis'
import { now } from '../harness/clock.ts'
import type { Scenario } from '../harness/report.ts'
import { RequestCount } from '../harness/request-count.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, percentile } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'

const TIMES = 50
const WITHIN_MS = 250

interface Mode {
  readonly title: string
  readonly confirm?: number
  /** At most: for a lock that is taken and released, and for two, of which the second is handed over. */
  readonly alone: Requests
  readonly handedOver: Requests
}

interface Requests {
  readonly master: number
  /** Reads of each replica. */
  readonly replica: number
}

const modes: readonly Mode[] = [
  {
    title: 'the word of the master',
    alone: { master: 2, replica: 0 },
    handedOver: { master: 4, replica: 0 },
  },
  {
    title: 'confirmed by both replicas',
    confirm: 2,
    // One WAIT and one read; and one extend for what is handed over.
    alone: { master: 3, replica: 1 },
    handedOver: { master: 7, replica: 2 },
  },
]

/** What a confirmation by replicas costs on a Redis Cluster, and how long a frozen replica can delay it. */
export async function clusterConfirm({ rounds = 20 }: Settings): Promise<Scenario[]> {
  await using servers = await startRedisCluster({ masters: 1, replicasPerMaster: 2 })
  return [await requests(servers), await frozenReplica(servers, rounds)]
}

async function requests(servers: RedisCluster): Promise<Scenario> {
  const measured = []
  for (const { title, confirm, alone, handedOver } of modes) {
    const lock = 'one: acquire, release'
    measured.push({ title, lock, most: alone, is: await count(servers, confirm, takeAndRelease) })
    const both = 'two: acquire, hand-off, release'
    measured.push({
      title,
      lock: both,
      most: handedOver,
      is: await count(servers, confirm, handOver),
    })
  }
  return {
    title: `cluster-confirm: ${TIMES} times one after another, a master with two replicas`,
    notes: ['requests by MONITOR, when connections are open; replicas are read at the same time'],
    rows: measured.map(({ title, lock, is }) => ({
      mode: title,
      locks: lock,
      'at the master': digits(is.master, 2),
      'at each replica': digits(is.replica, 2),
    })),
    targets: measured.flatMap(({ title, lock, most, is }) => [
      atMost(`${title}, ${lock}: requests to the master`, is.master, most.master),
      atMost(`${title}, ${lock}: reads of a replica`, is.replica, most.replica),
    ]),
    violations: [],
    missing: [],
  }
}

/** The mean of one time. */
async function count(
  servers: RedisCluster,
  confirm: number | undefined,
  use: (locks: Locks, master: RespConnection) => Promise<void>,
): Promise<Requests> {
  const { locks, close } = await open(servers, confirm, '4s')
  const [{ port = 0 } = {}] = servers.nodes
  using master = await RespConnection.open(port)
  await use(locks, master)
  const counts = await Promise.all(servers.nodes.map((node) => RequestCount.open(node.port)))
  for (let time = 0; time < TIMES; time++) await use(locks, master)
  const [ofMaster, ...ofReplicas] = await Promise.all(counts.map((each) => each.take()))
  for (const each of counts) each[Symbol.dispose]()
  await close()
  // A replica shows what its master tells it, too.
  const sent = (counted: ReadonlyMap<string, number> | undefined, ...names: string[]) =>
    names.reduce((sum, name) => sum + (counted?.get(name) ?? 0), 0) / TIMES
  return {
    master: sent(ofMaster, 'evalsha', 'eval', 'wait'),
    replica: Math.max(...ofReplicas.map((each) => sent(each, 'eval_ro'))),
  }
}

async function takeAndRelease(locks: Locks): Promise<void> {
  await (await locks.acquire('one')).release()
}

async function handOver(locks: Locks, master: RespConnection): Promise<void> {
  const holder = await locks.acquire('two')
  const waiting = locks.acquire('two')
  while ((await master.call('EXISTS', 'locks:l1:{two}:q')) === 0) {}
  await holder.release()
  await (await waiting).release()
}

async function frozenReplica(servers: RedisCluster, rounds: number): Promise<Scenario> {
  const within = `${WITHIN_MS}ms` as const
  const needed = [1, 2]
  const opened = await Promise.all(needed.map((confirm) => open(servers, confirm, within)))
  for (const { locks } of opened) await takeAndRelease(locks)
  const frozen = servers.nodes.find(({ role }) => role === 'replica')
  const results: { confirm: number; times: number[]; granted: number }[] = []
  await frozen?.pause()
  try {
    for (const [at, { locks }] of opened.entries()) {
      const result = { confirm: needed[at] ?? 0, times: [] as number[], granted: 0 }
      for (let round = 0; round < rounds; round++) {
        const startedAt = now()
        const lock = await locks.tryAcquire(`frozen:${at}:${round}`).catch(() => null)
        result.times.push(now() - startedAt)
        if (lock) result.granted++
        await lock?.release()
      }
      results.push(result)
    }
  } finally {
    frozen?.resume()
  }
  for (const { close } of opened) await close()
  const longest = Math.max(...results.flatMap(({ times }) => times))
  return {
    title: `cluster-confirm: one of two replicas is frozen, ${WITHIN_MS} ms to confirm, one try`,
    notes: [],
    rows: results.map(({ confirm, times, granted }) => ({
      'replicas needed': confirm,
      granted: `${granted} of ${rounds}`,
      'p50 ms': digits(percentile(times, 0.5)),
      'longest ms': digits(Math.max(...times)),
    })),
    targets: [atMost('longest acquire, ms', longest, WITHIN_MS + 100)],
    violations: results
      .filter(({ confirm, granted }) => granted !== (confirm === 1 ? rounds : 0))
      .map(({ confirm, granted }) => `${granted} of ${rounds} granted, ${confirm} confirming`),
    missing: [],
  }
}

async function open(
  servers: RedisCluster,
  confirm: number | undefined,
  confirmWithin: `${number}${'s' | 'ms'}`,
) {
  const cluster = createCluster({ rootNodes: servers.urls.map((url) => ({ url })) })
  cluster.on('error', () => {})
  await cluster.connect()
  const options = confirm === undefined ? {} : { confirm, confirmWithin }
  const store = redisClusterStore(cluster, options)
  const locks = createLocks(store)
  const close = async () => {
    await locks.close()
    await store.close?.()
    cluster.destroy()
  }
  return { locks, close }
}
