import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createLocks } from '@locks/core'
import { RespConnection } from '@locks/test-servers'
import { slotOf } from '../src/slot.ts'
import { type Connected, connectors } from './clients.ts'
import { ClusterWorld, call, until } from './cluster-world.ts'

let world: ClusterWorld
beforeAll(async () => {
  world = await ClusterWorld.start()
}, 180_000)
afterAll(() => world.stop())

/** Moves a slot to another master, key by key; `onTheWay` is run when half of it is done. */
async function move(slot: number, from: number, to: number, onTheWay = async () => {}) {
  const [source, target] = [world.master(from), world.master(to)]
  const idOf = async (port: number) => String(await call(port, 'CLUSTER', 'MYID'))
  const [sourceId, targetId] = [await idOf(source.port), await idOf(target.port)]
  await call(target.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId)
  await call(source.port, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId)
  await onTheWay()
  for (;;) {
    const keys = (await call(source.port, 'CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
    if (keys.length === 0) break
    await call(source.port, 'MIGRATE', '127.0.0.1', target.port, '', 0, 60_000, 'KEYS', ...keys)
  }
  for (const { port } of [target, source]) {
    await call(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', targetId)
  }
}

const keyOf = (name: string): string => `locks:l1:{${name}}`
const shardOf = (key: string): number => Math.floor((slotOf(key) * 3) / 16_384)

describe.each(Object.entries(connectors))('resharding: %s', (client, connect) => {
  let connected: Connected
  beforeAll(async () => {
    connected = await connect(world.servers.urls)
  })
  afterAll(() => connected.close())

  test('[C71] locks go on while their slot moves', async () => {
    const name = `moving-${client.replace(' ', '-')}`
    const from = shardOf(keyOf(name))
    const processes = [0, 1].map(() => createLocks(connected.store({}), { storeTimeout: '30s' }))
    let inside = 0
    let grants = 0
    let isOver = false
    const work = Array.from({ length: 6 }, async (_, i) => {
      while (!isOver) {
        await processes[i % 2]
          ?.request(name, { ttl: '20s', wait: '60s' }, async () => {
            expect(++inside).toBe(1)
            grants++
            await new Promise(setImmediate)
            inside--
          })
          .catch((error: { code?: string }) => {
            // Nobody is told that another holds it when nobody could say.
            expect(error.code).toBe('STORE_UNAVAILABLE')
          })
      }
    })
    await until(() => grants > 20)
    const before = grants
    await move(slotOf(keyOf(name)), from, (from + 1) % 3)
    await until(() => grants > before + 50)
    isOver = true
    await Promise.all(work)
    for (const locks of processes) await locks.close()
  })

  test('a lock held while its slot moves stays held, with its TTL and its fence', async () => {
    const name = `held-${client.replace(' ', '-')}`
    const locks = createLocks(connected.store({}), { storeTimeout: '30s' })
    const lock = await locks.acquire(name, { ttl: '10m' })
    const from = shardOf(keyOf(name))
    await move(slotOf(keyOf(name)), from, (from + 1) % 3, async () => {
      expect(await lock.extend()).toBe(true)
    })
    expect(await lock.verify()).toBe(true)
    expect(await locks.tryAcquire(name)).toBe(null)
    const [holder] = (await locks.inspect(name)).holders
    expect(holder).toMatchObject({ fence: lock.fence })
    expect(holder?.remainingMs).toBeGreaterThan(300_000)
    expect(await lock.release()).toBe(true)
    await locks.close()
  })

  test('who waits is woken by a push after the move, too', async () => {
    const name = `waiting-${client.replace(' ', '-')}`
    const open = () => createLocks(connected.store({}), { storeTimeout: '30s' })
    const [ours, theirs] = [open(), open()]
    const held = await ours.acquire(name, { ttl: '10m' })
    const waiting = theirs.acquire(name, { wait: '10m' })
    await until(async () => (await ours.inspect(name)).waiters === 1)
    const from = shardOf(keyOf(name))
    const target = world.master((from + 1) % 3)
    await move(slotOf(keyOf(name)), from, (from + 1) % 3)
    using direct = await RespConnection.open(target.port)
    // It has heard that its channel is gone, and listens where the slot is now.
    await until(async () => ((await direct.call('PUBSUB', 'SHARDCHANNELS')) as []).length > 0)
    await until(async () => (await ours.inspect(name)).waiters === 1)
    await held.release()
    expect((await waiting).held).toBe(true)
    await (await waiting).release()
    for (const locks of [ours, theirs]) await locks.close()
  })
})

test('[C78] scripts survive SCRIPT FLUSH on every node', async () => {
  const store = await world.store()
  const lease = { key: world.key(0), token: 'holder', ttlMs: 30_000 }
  expect(await store.acquire(lease)).toMatchObject({ state: 'granted' })
  for (const { port } of world.servers.nodes) await call(port, 'SCRIPT', 'FLUSH').catch(() => {})
  expect(await store.extend(lease)).toMatchObject({ state: 'extended' })
  expect(await store.release(lease)).toMatchObject({ state: 'released' })
})

test('[C77] the class of a lock is the store that it is made on', async () => {
  const settings = { prefix: 'class', storeTimeout: '30s' } as const
  const confirm = { confirm: 'majority', confirmWithin: '4s' } as const
  const plain = createLocks(await world.store(), settings)
  const confirmed = createLocks(await world.store(confirm), settings)
  const lock = await confirmed.acquire('one')
  expect(await plain.tryAcquire('one')).toBe(null)
  await lock.release()
  await (await plain.acquire('one')).release()
  for (const locks of [plain, confirmed]) await locks.close()
})
