import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createLocks, type Locks } from '@locks/core'
import { type RedisCluster, startRedisCluster } from '@locks/test-servers'
import { type Connected, connectors } from './clients.ts'

let servers: RedisCluster
beforeAll(async () => {
  servers = await startRedisCluster()
}, 180_000)
afterAll(() => servers.stop())

/** No wait, lease or deadline that a slow machine could miss. */
const PATIENT = { ttl: '5m', wait: Infinity, storeTimeout: '60s' } as const

describe.each(Object.entries(connectors))('%s', (name, connect) => {
  let client: Connected
  beforeAll(async () => {
    client = await connect(servers.urls)
  })
  afterAll(() => client.close())

  test('reads many entries across the slots in the order of the keys', async () => {
    const store = client.store()
    const keys = Array.from({ length: 40 }, (_, i) => `${name.replace(' ', '')}:c1:{${i}}`)
    const written = keys.filter((_, i) => i % 3 > 0)
    for (const key of written) {
      await store.write({ key, token: 'w', data: Buffer.from(key), ttlMs: 60_000 })
    }
    const entries = await store.read(keys)
    expect(entries.map((entry) => entry && String(entry.data))).toEqual(
      keys.map((key) => (written.includes(key) ? key : undefined)),
    )
    expect(await store.remove(keys)).toBe(written.length)
    expect((await store.read(keys)).filter(Boolean)).toEqual([])
  })

  test('what is issued in one turn for one key runs in this order', async () => {
    const store = client.store()
    const key = `${name.replace(' ', '')}:c1:{order}`
    const write = (token: string) =>
      store.write({ key, token, data: Buffer.from(token), ttlMs: 60_000 })
    const [, first, , second] = await Promise.all([
      write('one'),
      store.read([key]),
      write('two'),
      store.read([key]),
    ])
    expect([first[0]?.version, second[0]?.version]).toEqual(['one', 'two'])
  })

  test('hands each of many names over in order, wherever their slots are', async () => {
    const processes = [0, 1].map(() => createLocks(client.store(), { prefix: 'order', ...PATIENT }))
    const names = Array.from({ length: 12 }, (_, i) => `${name} ${i}`)
    const relay = async (lockName: string) => {
      const holder = await processes[0]?.acquire(lockName)
      const order: number[] = []
      const waiters: Promise<void>[] = []
      for (let i = 0; i < 4; i++) {
        const acquired = processes[i % 2]?.request(lockName, async () => void order.push(i))
        waiters.push(Promise.resolve(acquired))
        while ((await processes[0]?.inspect(lockName))?.waiters !== i + 1) {}
      }
      await holder?.release()
      await Promise.all(waiters)
      return order
    }
    const orders = await Promise.all(names.map(relay))
    expect(orders).toEqual(names.map(() => [0, 1, 2, 3]))
    for (const locks of processes) await locks.close()
  })

  test('queues those of one process in the order in which they asked, from the first wait in a slot on', async () => {
    const [ours, theirs] = [0, 1].map(() =>
      createLocks(client.store(), { prefix: 'asked', ...PATIENT }),
    ) as [Locks, Locks]
    const ask = async (lockName: string, count: number) => {
      const holder = await theirs.acquire(lockName)
      const order: number[] = []
      const waiters: Promise<void>[] = []
      for (let i = 0; i < count; i++) {
        waiters.push(ours.request(lockName, async () => void order.push(i)))
        await new Promise(setImmediate)
      }
      while ((await ours.inspect(lockName)).waiters !== count) {}
      await holder.release()
      await Promise.all(waiters)
      return order
    }
    // Until anything is heard at all, there is no queue.
    await ask(`first ${name}`, 1)
    for (let round = 0; round < 5; round++) {
      const order = await ask(`asked ${name} ${round}`, 40)
      expect(order).toEqual(Array.from({ length: 40 }, (_, i) => i))
    }
    for (const locks of [ours, theirs]) await locks.close()
  })
})
