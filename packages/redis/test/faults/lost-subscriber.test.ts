import { describe, expect, test } from '@jest/globals'
import { createLocks, redisStore } from '../../src/index.ts'
import { type ClientKind, codeOf, FaultWorld, stillWaits, until } from './fault-world.ts'

const world = new FaultWorld()

/** Longer than the test: whoever gets the lock does not owe it to an expired lease. */
const ttl = '10m'

/** A client whose extra connection goes through the proxy, and only that. */
async function split(kind: ClientKind) {
  const proxy = await world.proxy()
  const client = await world.connect(undefined, kind)
  const listener = await world.connect(proxy.url('redis'), kind)
  const wrapped = {
    sendCommand: client.sendCommand.bind(client),
    duplicate: () => {
      if (!listener.duplicate) throw new Error('a pool')
      return listener.duplicate()
    },
  }
  const locks = createLocks(redisStore(wrapped), { ttl, wait: '60s', storeTimeout: '30s' })
  world.atEnd(() => locks.close())
  return { proxy, locks }
}

const listeners = async () => {
  const channels = (await world.direct.call('PUBSUB', 'CHANNELS')) as string[]
  return channels.length
}

describe.each(['redis 6', 'redis 5'] as const)('with %s, while somebody waits', (kind) => {
  test('the connection that listens is killed, and the lock released during the outage', async () => {
    const holder = await world.locks({ ttl }, { kind })
    const locks = await world.locks({ ttl, wait: '60s', storeTimeout: '30s' }, { kind })
    const lock = await holder.acquire('job')
    const waiting = locks.acquire('job')
    await world.queued('job', 1)
    await world.direct.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    expect(await lock.release()).toBe(true)
    const next = await waiting
    expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
    expect(await next.verify()).toBe(true)
    // It listens again: the next waiter is pushed its grant.
    const last = locks.acquire('job')
    await world.queued('job', 1)
    expect(await listeners()).toBe(1)
    await next.release()
    expect(await (await last).release()).toBe(true)
  })

  test('the connection that listens is gone until after the release', async () => {
    const { proxy, locks } = await split(kind)
    const holder = await world.locks({ ttl }, { kind })
    const lock = await holder.acquire('job')
    const waiting = locks.acquire('job')
    await world.queued('job', 1)
    await proxy.down()
    await until(async () => (await listeners()) === 0)
    expect(await lock.release()).toBe(true)
    await world.queued('job', 0)
    expect(await stillWaits(waiting)).toBe(true)
    await proxy.up()
    const next = await waiting
    expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
    expect(await next.release()).toBe(true)
  })

  test('the push of the grant gets lost in a partition', async () => {
    const { proxy, locks } = await split(kind)
    const holder = await world.locks({ ttl }, { kind })
    const lock = await holder.acquire('job')
    const waiting = locks.acquire('job')
    await world.queued('job', 1)
    proxy.blackHole()
    expect(await lock.release()).toBe(true)
    await world.holders('job', 1)
    expect(await stillWaits(waiting)).toBe(true)
    proxy.reset()
    await proxy.restore()
    const next = await waiting
    expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
    expect(await next.verify()).toBe(true)
    expect(await next.release()).toBe(true)
  })

  test('the connection that listens stays away: the lock comes at the lease’s end', async () => {
    const { proxy, locks } = await split(kind)
    const holder = await world.locks({ ttl: '5s', renew: false }, { kind })
    await holder.acquire('job')
    const waiting = locks.acquire('job')
    await world.queued('job', 1)
    await proxy.down()
    const next = await waiting
    // Without pushes it tries instead of queueing, within its wait.
    expect(await codeOf(locks.acquire('job', { wait: 100 }))).toBe('LOCK_TIMEOUT')
    expect(await next.release()).toBe(true)
  })
})
