import { setTimeout as sleep } from 'node:timers/promises'
import {
  type RedisCluster,
  type RedisClusterNode,
  RespConnection,
  type RespReply,
} from '@locks/test-servers'

const LOOK_MS = 20
const PATIENT_MS = 60_000
const HASTY_MS = 1_000

/** The nodes of a running cluster, whatever their roles are by now. */
export class ClusterNodes {
  readonly all: readonly RedisClusterNode[]
  readonly #moved = new Set<number>()

  constructor({ nodes }: RedisCluster) {
    this.all = nodes
  }

  /** The master of the slot of this lock. */
  async masterOf(lock: string): Promise<RedisClusterNode> {
    const slot = await this.slotOf(lock)
    for (;;) {
      for (const node of this.all) {
        const owner = await ownerPort(node, slot)
        const master = this.all.find(({ port }) => port === owner)
        if (master && (await isMaster(master))) return master
      }
      await sleep(LOOK_MS)
    }
  }

  async masters(): Promise<readonly RedisClusterNode[]> {
    const are = await Promise.all(this.all.map(isMaster))
    return this.all.filter((_, i) => are[i])
  }

  /** Those that hold the same keys. */
  others({ shard, port }: RedisClusterNode): readonly RedisClusterNode[] {
    return this.all.filter((node) => node.shard === shard && node.port !== port)
  }

  async slotOf(lock: string): Promise<number> {
    const [node] = this.all as [RedisClusterNode]
    return (await say(node, 'CLUSTER', 'KEYSLOT', `locks:l1:{${lock}}`)) as number
  }

  /** Freezes the replicas of a master and cuts them off: what is written from now on does not reach them. */
  async cutOff(master: RedisClusterNode): Promise<readonly RedisClusterNode[]> {
    const replicas = this.others(master)
    for (const replica of replicas) await replica.pause()
    await say(master, 'CLIENT', 'KILL', 'TYPE', 'replica')
    return replicas
  }

  /** Resolves when one of them is a master. Only until then is a silent node given up. */
  async promoted(replicas: readonly RedisClusterNode[]): Promise<void> {
    this.#nodeTimeout(HASTY_MS)
    for (;;) {
      const are = await Promise.all(replicas.map(isMaster))
      if (are.includes(true)) break
      await sleep(LOOK_MS)
    }
    this.#nodeTimeout(PATIENT_MS)
  }

  /** Resolves when each node calls the cluster healthy and each replica follows its master. */
  async whole(): Promise<void> {
    for (const node of this.all) {
      // A move that a node remembers from before its restart keeps it from hearing where the slot is.
      for (const slot of this.#moved)
        await say(node, 'CLUSTER', 'SETSLOT', slot, 'STABLE').catch(() => {})
      for (;;) {
        const state = String(await say(node, 'CLUSTER', 'INFO').catch(() => ''))
        const link = String(await say(node, 'INFO', 'replication').catch(() => ''))
        const follows = link.includes('role:master') || link.includes('master_link_status:up')
        if (state.includes('cluster_state:ok') && follows) break
        await sleep(LOOK_MS)
      }
    }
  }

  /** Moves a slot, key by key. */
  async move(slot: number, source: RedisClusterNode, target: RedisClusterNode): Promise<void> {
    this.#moved.add(slot)
    const [from, to] = [await idOf(source), await idOf(target)]
    await say(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from)
    await dropLeftovers(target, slot)
    await say(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', to)
    for (;;) {
      const keys = (await say(source, 'CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
      if (keys.length === 0) break
      const where = ['127.0.0.1', target.port, '', 0, PATIENT_MS]
      await say(source, 'MIGRATE', ...where, 'KEYS', ...keys)
    }
    await say(target, 'CLUSTER', 'SETSLOT', slot, 'NODE', to)
    // Newer than what any replica knows that may be elected later.
    await say(target, 'CLUSTER', 'BUMPEPOCH')
    for (const node of await this.masters()) await say(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', to)
    await this.#agreed(slot, target.port)
  }

  /** Resolves when every node, replicas too, knows where the slot is. */
  async #agreed(slot: number, port: number): Promise<void> {
    for (const node of this.all) {
      while ((await ownerPort(node, slot)) !== port) await sleep(LOOK_MS)
    }
  }

  #nodeTimeout(ms: number): void {
    for (const node of this.all) {
      say(node, 'CONFIG', 'SET', 'cluster-node-timeout', ms).catch(() => {})
    }
  }
}

/** One command on a connection of its own. */
export async function say(
  { port }: { readonly port: number },
  ...words: readonly (string | number)[]
): Promise<RespReply> {
  using connection = await RespConnection.open(port)
  return await connection.call(...words)
}

/** What a replica that was cut off has kept of a slot that was moved away meanwhile. */
async function dropLeftovers(target: RedisClusterNode, slot: number): Promise<void> {
  using connection = await RespConnection.open(target.port)
  const keys = (await connection.call('CLUSTER', 'GETKEYSINSLOT', slot, 10_000)) as string[]
  for (const key of keys) {
    await connection.call('ASKING')
    await connection.call('DEL', key)
  }
}

/** Of the master of this slot, as this node sees it. */
async function ownerPort(node: RedisClusterNode, slot: number): Promise<number | undefined> {
  const slots = await say(node, 'CLUSTER', 'SLOTS').catch(() => [])
  const range = (slots as [number, number, [string, number]][]).find(
    ([first, last]) => first <= slot && slot <= last,
  )
  return range?.[2][1]
}

async function isMaster(node: RedisClusterNode): Promise<boolean> {
  const [role] = (await say(node, 'ROLE').catch(() => [])) as RespReply[]
  return role === 'master'
}

async function idOf(node: RedisClusterNode): Promise<string> {
  return String(await say(node, 'CLUSTER', 'MYID'))
}
