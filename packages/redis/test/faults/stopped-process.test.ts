import { describe, expect, test } from '@jest/globals'
import type { LocksOptions } from '../../src/index.ts'
import { Contender } from './contender.ts'
import { FaultWorld, keyOf, stillWaits } from './fault-world.ts'

const world = new FaultWorld()
const ttlMs = 4000
const graceMs = 500

async function contenders(count: number, options: LocksOptions = {}) {
  const defaults = { ttl: ttlMs, grace: graceMs, wait: '5m', ...options } as const
  const all = await Contender.startMany(count, world.redis.url, defaults)
  for (const one of all) world.atEnd(() => one[Symbol.asyncDispose]())
  return all as [Contender, Contender, Contender, ...Contender[]]
}

/** One after the other, so that the order of the queue is known. */
async function enqueue(all: readonly Contender[]) {
  const grants: Promise<number>[] = []
  for (const one of all) {
    grants.push(one.acquire('job'))
    await world.queued('job', grants.length)
  }
  return grants as [Promise<number>, Promise<number>, ...Promise<number>[]]
}

describe.each(['kill', 'pause'] as const)('the holder’s process: %s', (fault) => {
  test('the first waiter gets the lock after the lease’s end, then the second', async () => {
    const [holder, ...waiters] = await contenders(3)
    const fence = await holder.acquire('job')
    const [first, second] = await enqueue(waiters)
    await holder.program[fault]()
    const sinceMs = performance.now()
    const leftMs = await world.remainingMs('job')
    expect(leftMs).toBeGreaterThan(0)
    const firstFence = await first
    const waitedMs = performance.now() - sinceMs
    expect(waitedMs).toBeGreaterThanOrEqual(leftMs - 2)
    expect(firstFence).toBeGreaterThan(fence)
    expect(await stillWaits(second)).toBe(true)
    if (fault === 'pause') {
      holder.program.resume()
      expect(await holder.held()).toBe(false)
      expect(await holder.release()).toBe(false)
    }
    expect(await waiters[0]?.held()).toBe(true)
    expect(await waiters[0]?.release()).toBe(true)
    expect(await second).toBeGreaterThan(firstFence)
  })
})

test('half of the waiting processes are killed: the others are served in order', async () => {
  const holder = await world.locks({ ttl: '10m' })
  const lock = await holder.acquire('job')
  const all = await contenders(4, { ttl: '10m' })
  const grants = await enqueue(all)
  const killed = [all[0], all[2]]
  for (const grant of [grants[0], grants[2]]) grant?.catch(() => {})
  for (const { program } of killed) await program.kill()
  const order: number[] = []
  const served = [1, 3].map(async (i) => {
    const fence = await grants[i]
    order.push(i)
    expect(await all[i]?.release()).toBe(true)
    return fence
  })
  expect(await lock.release()).toBe(true)
  const [second, fourth] = await Promise.all(served)
  expect(order).toEqual([1, 3])
  expect(second).toBeGreaterThan(lock.fence ?? Infinity)
  expect(fourth).toBeGreaterThan(second ?? Infinity)
  expect(await world.tokens('job')).toEqual([])
  expect(await world.direct.call('EXISTS', `${keyOf('job')}:q`)).toBe(0)
})

test('a waiter’s process is stopped beyond its grant: it does not believe in it', async () => {
  const holder = await world.locks({ ttl: ttlMs })
  const lock = await holder.acquire('job')
  const [stopped, other] = await contenders(2)
  const [late, next] = await enqueue([stopped, other])
  await stopped.program.pause()
  expect(await lock.release()).toBe(true)
  // Its connection is open, so the lock was given to it, and to nobody else until that ends.
  expect(await next).toBeGreaterThan(lock.fence ?? Infinity)
  await world.queued('job', 0)
  stopped.program.resume()
  // Behind the grant that it found: it asks, learns that it has come too late, and queues again.
  await world.queued('job', 1)
  expect(await stillWaits(late)).toBe(true)
  expect(await other.held()).toBe(true)
  expect(await other.release()).toBe(true)
  expect(await late).toBeGreaterThan(await next)
  expect(await stopped.release()).toBe(true)
  await world.queued('job', 0)
  await world.holders('job', 0)
})

test('a grant to a stopped process blocks the next for seconds, whatever was promised before', async () => {
  const holder = await world.locks({ ttl: '10m' })
  const lock = await holder.acquire('job')
  const [stopped, other] = await contenders(2)
  const [late, next] = await enqueue([stopped, other])
  await stopped.program.pause()
  expect(await lock.release()).toBe(true)
  expect(await next).toBeGreaterThan(lock.fence ?? Infinity)
  stopped.program.resume()
  expect(await other.release()).toBe(true)
  expect(await late).toBeGreaterThan(await next)
  expect(await stopped.release()).toBe(true)
})
