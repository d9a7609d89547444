import { joinCluster } from './cluster/join-cluster.ts'
import { RespConnection } from './protocols/resp-connection.ts'
import { type RedisServer, startRedis } from './start-redis.ts'

/** While they find each other: nodes ask one another twice in that time, and hear of the rest. */
const joiningTimeoutMs = 3_000

/** Options of `startRedisCluster`. */
export interface RedisClusterOptions {
  readonly masters?: number
  readonly replicasPerMaster?: number
  /**
   * How long a node may be silent before the others give it up; a failover takes longer. Default: a
   * minute, so that a node on a slow machine is not replaced.
   */
  readonly nodeTimeoutMs?: number
  /** Further arguments for every node. */
  readonly args?: readonly string[]
  /** Environment variables of each node, by its place in `nodes`. */
  readonly envOf?: (index: number) => Readonly<Record<string, string>>
}

/** One node, with the part it was given at the start; a failover does not change these fields. */
export interface RedisClusterNode extends RedisServer {
  readonly role: 'master' | 'replica'
  /** Nodes with the same number hold the same keys. */
  readonly shard: number
}

/** A running Redis Cluster. */
export interface RedisCluster extends AsyncDisposable {
  /** Masters first. */
  readonly nodes: readonly RedisClusterNode[]
  readonly urls: readonly string[]
  /** Stops every node. May be called twice. */
  stop(): Promise<void>
}

/**
 * Starts a Redis Cluster; resolves when every node calls it healthy and every replica follows its
 * master. Takes two seconds at least: a Redis node is silent for that long before it serves.
 */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { masters = 3, replicasPerMaster = 1, nodeTimeoutMs = 60_000 } = options
  const args = [
    ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'],
    ...['--cluster-node-timeout', String(Math.min(nodeTimeoutMs, joiningTimeoutMs))],
    ...['--repl-diskless-sync-delay', '0'],
    // Nodes do not show a replica to clients until its offset moves, on an idle cluster by this
    // ping: ten seconds by default.
    ...['--repl-ping-replica-period', '1'],
    ...(options.args ?? []),
  ]
  const count = masters * (1 + replicasPerMaster)
  const { envOf = () => ({}) } = options
  const starts = await Promise.allSettled(
    Array.from({ length: count }, (_, index) => startRedis({ args, env: envOf(index) })),
  )
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    const nodes = servers.map((server, index) => toNode(server, index, masters))
    await joinCluster(nodes)
    await Promise.all(nodes.map(({ port }) => setNodeTimeout(port, nodeTimeoutMs)))
    return { nodes, urls: nodes.map(({ url }) => url), stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function setNodeTimeout(port: number, nodeTimeoutMs: number): Promise<void> {
  using connection = await RespConnection.open(port)
  await connection.call('CONFIG', 'SET', 'cluster-node-timeout', nodeTimeoutMs)
}

function toNode(server: RedisServer, index: number, masters: number): RedisClusterNode {
  const role = index < masters ? ('master' as const) : ('replica' as const)
  return Object.assign(server, { role, shard: index % masters })
}
