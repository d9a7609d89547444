import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type RedisCluster,
  type RedisClusterNode,
  RespConnection,
  startRedisCluster,
} from '../src/index.ts'
import { isPortFree } from '../src/processes/is-port-free.ts'

describe('a Redis Cluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  }, 180_000)
  afterAll(() => cluster.stop())

  const nodesOf = (role: RedisClusterNode['role']) =>
    cluster.nodes.filter((node) => node.role === role)

  test('has three masters and three replicas, masters first', () => {
    expect(cluster.nodes.map(({ role }) => role).join()).toBe(
      'master,master,master,replica,replica,replica',
    )
    expect(nodesOf('replica').map(({ shard }) => shard)).toEqual([0, 1, 2])
    expect(cluster.urls).toEqual(cluster.nodes.map(({ port }) => `redis://127.0.0.1:${port}`))
  })

  test('every node routes every key to the same master', async () => {
    const masterPorts = nodesOf('master').map(({ port }) => port)
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const answers = await Promise.all(nodesOf('master').map(({ port }) => set(port, key)))
      const targets = answers.filter((answer) => answer !== 'OK')
      expect(targets).toHaveLength(2)
      expect(new Set(targets).size).toBe(1)
      expect(masterPorts).toContain(Number(targets[0]?.split(':').at(-1)))
    }
  })

  test('every write reaches the replica of its shard', async () => {
    for (const { port, shard } of nodesOf('master')) {
      using master = await RespConnection.open(port)
      const key = await keyOf(master)
      await master.call('SET', key, shard)
      expect(await master.call('WAIT', 1, 0)).toBe(1)
      const replica = nodesOf('replica').find((node) => node.shard === shard)
      using connection = await RespConnection.open(replica?.port ?? 0)
      await connection.call('READONLY')
      expect(await connection.call('GET', key)).toBe(String(shard))
    }
  })

  test('is complete in the eyes of each of its nodes', async () => {
    for (const { port } of cluster.nodes) {
      using connection = await RespConnection.open(port)
      expect(await connection.call('CLUSTER', 'INFO')).toContain('cluster_slots_ok:16384')
      const shards = (await connection.call('CLUSTER', 'SLOTS')) as unknown[][]
      expect(shards.map((shard) => shard.length)).toEqual([4, 4, 4])
    }
  })

  test('after stop nothing listens', async () => {
    await cluster.stop()
    for (const { port } of cluster.nodes) expect(await isPortFree(port)).toBe(true)
  })
})

async function set(port: number, key: string): Promise<string> {
  using connection = await RespConnection.open(port)
  return await connection.call('SET', key, 'value').then(String, (error: Error) => error.message)
}

/** A key that this master holds. */
async function keyOf(master: RespConnection): Promise<string> {
  for (let number = 0; ; number++) {
    const taken = await master.call('GET', `key-${number}`).then(
      () => true,
      () => false,
    )
    if (taken) return `key-${number}`
  }
}
