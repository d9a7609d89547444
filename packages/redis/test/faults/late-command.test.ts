import { expect, test } from '@jest/globals'
import { codeOf, FaultWorld, until } from './fault-world.ts'

const world = new FaultWorld()
const ttl = '10m'
/** Far shorter than what a client gives a queued command by itself. */
const storeTimeout = 500

/** An acquire that its client queues while offline and sends long after it was given up. */
async function givenUpOffline(kind: 'redis 6' | 'redis 5', beforehand: boolean) {
  await world.teachScripts()
  const proxy = await world.proxy()
  const client = await world.connect(proxy.url('redis'), kind)
  const locks = world.locksOn(client, { ttl, storeTimeout })
  const release = async () => (await locks.acquire('job', { wait: '50s' })).release()
  // A slow machine may need several tries.
  if (beforehand) await until(() => release().catch(() => false))
  const fenceBefore = await world.fence('job')
  await proxy.down()
  // Before that a command fails at once, and is not sent again.
  await until(async () => !(client as { readonly isReady?: boolean }).isReady)
  expect(await codeOf(locks.acquire('job', { wait: 0 }))).toBe('STORE_UNAVAILABLE')
  const refusedFromMs = performance.now() + storeTimeout
  if (beforehand) await until(async () => performance.now() > refusedFromMs)
  await proxy.up()
  // Behind what was queued.
  await client.sendCommand(['PING'])
  return { locks, fenceBefore }
}

test.each(['redis 6', 'redis 5'] as const)(
  '%s sends a given-up acquire late: what it gets does not stay',
  async (kind) => {
    const { fenceBefore } = await givenUpOffline(kind, false)
    expect(fenceBefore).toBe(0)
    // It did run: the client knows nothing of giving up.
    expect(await world.fence('job')).toBeGreaterThan(0)
    const others = await world.locks({ ttl })
    const next = await others.acquire('job', { wait: '50s' })
    expect(await next.release()).toBe(true)
    expect(await world.tokens('job')).toEqual([])
  },
)

test.each(['redis 6', 'redis 5'] as const)(
  '%s sends a given-up acquire late: a server whose time is known refuses it',
  async (kind) => {
    const { fenceBefore, locks } = await givenUpOffline(kind, true)
    expect(fenceBefore).toBeGreaterThan(0)
    expect(await world.fence('job')).toBe(fenceBefore)
    expect(await world.tokens('job')).toEqual([])
    expect((await locks.acquire('job', { wait: '50s' })).held).toBe(true)
  },
)
