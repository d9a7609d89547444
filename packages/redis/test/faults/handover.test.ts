import { expect, test } from '@jest/globals'
import { codeOf, FaultWorld, stillWaits } from './fault-world.ts'

const world = new FaultWorld()

test('a lock goes from one client to another, once, past those who wait', async () => {
  const [giver, taker, others] = [await world.locks(), await world.locks(), await world.locks()]
  const lock = await giver.acquire('job')
  const waiting = others.acquire('job', { wait: '60s' })
  await world.queued('job', 1)
  const grant = JSON.parse(JSON.stringify(lock.handover()))
  expect(lock.held).toBe(false)
  const adopted = await taker.adopt(grant)
  expect(adopted).toMatchObject({ held: true, fence: lock.fence, mode: 'exclusive' })
  expect(await world.tokens('job')).toEqual([adopted.token])
  expect(await codeOf(taker.adopt(grant))).toBe('LOCK_LOST')
  expect(await codeOf(giver.adopt(grant))).toBe('LOCK_LOST')
  expect(await adopted.verify()).toBe(true)
  expect(await stillWaits(waiting)).toBe(true)
  expect(await adopted.release()).toBe(true)
  expect((await waiting).fence).toBeGreaterThan(adopted.fence ?? Infinity)
})

test('a share of a semaphore and a reader are handed over as what they are', async () => {
  const [giver, taker] = [await world.locks(), await world.locks()]
  const permit = await giver.acquire('seat', { permits: 2 })
  const seat = await taker.adopt(permit.handover())
  expect(await taker.tryAcquire('seat', { permits: 2 })).not.toBeNull()
  expect(await taker.tryAcquire('seat', { permits: 2 })).toBeNull()
  expect(await seat.release()).toBe(true)
  const reader = await giver.acquire('page', { mode: 'shared' })
  const adopted = await taker.adopt(reader.handover())
  expect(adopted.mode).toBe('shared')
  expect(await giver.tryAcquire('page', { mode: 'shared' })).not.toBeNull()
  expect(await giver.tryAcquire('page', { mode: 'exclusive' })).toBeNull()
})

test('a lock that cools down goes to a waiter when that is over, and not before', async () => {
  const [locks, others] = [await world.locks(), await world.locks()]
  const sinceMs = performance.now()
  const lock = await locks.acquire('job')
  expect(await lock.release({ after: 400 })).toBe(true)
  expect(lock.held).toBe(false)
  const next = await others.acquire('job', { wait: '60s' })
  expect(performance.now() - sinceMs).toBeGreaterThanOrEqual(399)
  expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
})
