import { expect, test } from '@jest/globals'
import { codeOf, FaultWorld, loss } from './fault-world.ts'
import { Witness } from './witness.ts'

const world = new FaultWorld()

test('a flushed lock is lost at its next renewal, and the next fence is greater', async () => {
  const locks = await world.locks({ ttl: '9s' })
  const lock = await locks.acquire('job')
  const lost = loss(lock)
  await world.direct.call('FLUSHALL')
  expect(await lost).toBe('deleted')
  expect(lock.held).toBe(false)
  expect(await lock.release()).toBe(false)
  const next = await locks.acquire('job')
  expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
})

test('a flushed lock that somebody else has taken is stolen, and does not harm the other', async () => {
  const locks = await world.locks({ ttl: '10m' })
  const lock = await locks.acquire('job')
  await world.direct.call('FLUSHALL')
  const next = await locks.acquire('job')
  expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
  expect(await lock.extend()).toBe(false)
  expect(await loss(lock)).toBe('stolen')
  expect(await lock.release()).toBe(false)
  expect(await next.verify()).toBe(true)
})

test('a flush under contention: every waiter is served, alone, with a greater fence', async () => {
  // The holder renews it, and those who wait ask when it would end.
  const options = { ttl: '5s', wait: '60s' } as const
  const [one, two] = [await world.locks(options), await world.locks(options)]
  const holder = await world.locks(options)
  const lock = await holder.acquire('job')
  const witness = new Witness()
  const served = Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const mine = await (i % 2 ? one : two).acquire('job')
      await witness.work(mine)
      // What a flush takes from its holder is nobody's fault: it has finished its work.
      if (witness.fences.length === 5) await world.direct.call('FLUSHALL')
      await mine.release()
    }),
  )
  await world.queued('job', 12)
  await lock.release()
  await served
  expect(witness.fences).toHaveLength(12)
  expect(witness.fencesGrow).toBe(true)
  expect(witness.overlaps).toBe(0)
})

test('a lost queue is there again when two of its waiters have asked', async () => {
  const locks = await world.locks({ ttl: '10m', wait: '10m' })
  const holder = await world.locks()
  await holder.acquire('job', { ttl: '5s' })
  const served = Array.from({ length: 60 }, () => locks.acquire('job'))
  await world.queued('job', 60)
  await world.direct.call('FLUSHALL')
  // The first to ask gets the lock and keeps it: by one waiter per 5 s this would take five minutes.
  const lock = await Promise.race(served)
  await world.queued('job', 59)
  for (const each of served) each.catch(() => {})
  expect(await lock.verify()).toBe(true)
})

test('the second release says false and sends nothing, at once or later', async () => {
  const locks = await world.locks({ ttl: '10m' })
  const lock = await locks.acquire('job')
  expect(await Promise.all([lock.release(), lock.release()])).toEqual([true, false])
  const next = await locks.acquire('job')
  expect(await lock.release()).toBe(false)
  expect(await next.verify()).toBe(true)
})

test('after a close nothing is acquired, and nothing is left', async () => {
  const locks = await world.locks({ ttl: '10m', wait: '60s' })
  const lock = await locks.acquire('job')
  const waiting = codeOf(locks.acquire('job'))
  await world.queued('job', 1)
  const lost = loss(lock)
  await locks.close()
  expect(await waiting).toBe('STORE_UNAVAILABLE')
  expect(await lost).toBe('closed')
  expect(await codeOf(locks.acquire('job'))).toBe('STORE_UNAVAILABLE')
  expect(await codeOf(locks.tryAcquire('job'))).toBe('STORE_UNAVAILABLE')
  await world.queued('job', 0)
  await world.holders('job', 0)
})
