import { beforeEach, describe, expect, test } from '@jest/globals'
import { isLocksError } from '../../src/index.ts'
import { loss, until } from './fault-world.ts'
import { QuorumWorld } from './quorum-world.ts'

const world = new QuorumWorld(5)

let jobs = 0
let job = ''
beforeEach(() => {
  job = `job-${++jobs}`
})

/** What becomes of one try. */
async function outcomeOf(tried: Promise<unknown>): Promise<string> {
  try {
    return (await tried) === null ? 'held' : 'granted'
  } catch (error) {
    if (isLocksError(error)) return error.code
    throw error
  }
}

type Node = 'ok' | 'held' | 'dead' | 'frozen'

async function stage(nodes: readonly Node[]) {
  // The first try teaches the servers the scripts, while all is well.
  const options = { ttl: '10m', storeTimeout: '6s' } as const
  const locks = await world.locks(nodes.length, options, { nodeTimeout: '3s' })
  await (await locks.acquire('lesson')).release()
  for (const [index, node] of nodes.entries()) {
    if (node === 'held') await world.occupy(index, job)
    if (node === 'dead') await world.harm(index).kill()
    if (node === 'frozen') await world.harm(index).pause()
  }
  return locks
}

describe('real servers', () => {
  test.each<[Node[], string]>([
    [['ok', 'ok', 'ok'], 'granted'],
    [['ok', 'ok', 'dead'], 'granted'],
    [['frozen', 'ok', 'ok'], 'granted'],
    [['ok', 'held', 'held'], 'held'],
    [['held', 'held', 'frozen'], 'held'],
    [['ok', 'held', 'dead'], 'STORE_UNAVAILABLE'],
    [['ok', 'ok'], 'granted'],
    [['ok', 'held'], 'held'],
    [['ok', 'dead'], 'STORE_UNAVAILABLE'],
    [['ok', 'ok', 'ok', 'dead', 'frozen'], 'granted'],
    [['held', 'held', 'held', 'ok', 'frozen'], 'held'],
  ])('[C74] [C76] %j: %s', async (nodes, expected) => {
    const locks = await stage(nodes)
    expect(await outcomeOf(locks.tryAcquire(job))).toBe(expected)
    if (expected === 'granted') return
    for (const [index, node] of nodes.entries()) {
      if (node === 'ok') await until(async () => (await world.holders(index, job)).length === 0)
    }
  })

  test('[C75] trouble with a node counts before a refusal; the error names the node', async () => {
    const locks = await stage(['ok', 'held', 'dead'])
    const error = (await locks.tryAcquire(job).catch((reason) => reason)) as Error
    expect(error.message).toMatch(/^no majority of 3 nodes: node 3: /)
    expect((error.cause as AggregateError).errors).toHaveLength(1)
  })
})

test('a frozen node costs nothing, and keeps nothing when it thaws', async () => {
  const locks = await world.locks(3, { ttl: '10m' })
  await (await locks.acquire('lesson')).release()
  await world.harm(1).pause()
  // Three times the node's timeout, if it were waited for.
  const lock = await locks.acquire(job, { wait: 0 })
  expect(await lock.extend()).toBe(true)
  expect(await lock.release()).toBe(true)
  world.server(1).resume()
  const again = await locks.acquire(job)
  await until(async () => {
    const holders = await world.holders(1, job)
    return holders.length === 0 || holders[0] === again.token
  })
  expect(await again.release()).toBe(true)
  await until(async () => (await world.holders(1, job)).length === 0)
})

test('a node that restarted empty is seen by a renewal, and stays out', async () => {
  const options = { ttl: '10m', storeTimeout: '10s' } as const
  const locks = await world.locks(3, options, { nodeTimeout: '5s' })
  const lock = await locks.acquire(job)
  await until(async () => (await world.holders(2, job)).length === 1)
  await world.harm(2).restart()
  await until(async () => {
    await lock.extend()
    return (await world.holders(2, job)).includes(lock.token)
  })
  await world.harm(0).kill()
  await expect(locks.tryAcquire('another')).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(/node 3: it lost what it stored and stays out for \d{6} ms/),
  })
  // The lease itself lives on there: it was given behind a renewal.
  expect(await lock.extend()).toBe(true)
})

test('A2: who waits is not in his own way when the nodes become free', async () => {
  const locks = await world.locks(3, { ttl: '10m' })
  await world.occupy(0, job, 300)
  await world.occupy(1, job, 300)
  const lock = await locks.acquire(job, { wait: '10m' })
  expect(await lock.verify()).toBe(true)
})

test('A7: cut off from all nodes, the holder stops before anybody else begins', async () => {
  const proxies = await world.proxies(3)
  const ttl = 2500
  const holder = await world.locks(3, { ttl, grace: ttl, storeTimeout: '30s' }, { proxies })
  const others = await world.locks(3, { ttl: '10m' })
  const lock = await holder.acquire(job)
  const order: string[] = []
  for (const proxy of proxies) proxy.blackHole()
  const lost = loss(lock).then((why) => order.push(why))
  const next = others.acquire(job, { wait: '10m' }).then((taken) => {
    order.push('taken')
    return taken
  })
  await Promise.all([lost, next])
  expect(order).toEqual(['unreachable', 'taken'])
  // What the first one had sent arrives now.
  for (const proxy of proxies) await proxy.restore()
  expect(await holder.tryAcquire(job)).toBeNull()
  expect(await (await next).verify()).toBe(true)
})

test('many processes’ worth of clients exclude one another, with a node that comes and goes', async () => {
  // Rivals that have one of the two living nodes each wait for the third until then.
  const options = [3, { ttl: '20s' }, { nodeTimeout: '3s' }] as const
  const all = await Promise.all(Array.from({ length: 4 }, () => world.locks(...options)))
  let inside = 0
  let turns = 0
  const work = all.map(async (locks) => {
    for (let turn = 0; turn < 5; turn++) {
      await locks.request(job, { wait: '10m' }, async (lock) => {
        expect(++inside).toBe(1)
        expect(await lock.verify()).toBe(true)
        inside--
        if (++turns === 6) await world.harm(1).pause()
        if (turns === 14) world.server(1).resume()
      })
    }
  })
  await Promise.all(work)
  expect(turns).toBe(20)
})
