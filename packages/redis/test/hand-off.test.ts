import { expect, test } from '@jest/globals'
import { Contender } from './faults/contender.ts'
import { FaultWorld } from './faults/fault-world.ts'

const world = new FaultWorld()

test('[C27] the release itself gives the lock to the waiter', async () => {
  const [holder, waiter] = [await world.locks({ ttl: '10m' }), await world.locks({ ttl: '10m' })]
  const lock = await holder.acquire('job')
  // Looked at in the turn of the grant: a machine that stands still may lose it later.
  const isHeld = waiter.acquire('job', { wait: Infinity }).then(({ held }) => held)
  await world.queued('job', 1)
  expect(await lock.release()).toBe(true)
  // The grant was made by then: the store had given the lock away before it answered the release.
  await world.queued('job', 0)
  await world.holders('job', 1)
  expect(await isHeld).toBe(true)
})

test('[C14] of many processes that acquire at once, one holds at a time', async () => {
  const all = await Contender.startMany(4, world.redis.url, { ttl: '10m', wait: '5m' })
  for (const one of all) world.atEnd(() => one[Symbol.asyncDispose]())
  let holding = 0
  const fences = await Promise.all(
    all.map(async (one) => {
      const fence = await one.acquire('job')
      expect(++holding).toBe(1)
      expect(await one.held()).toBe(true)
      await world.holders('job', 1)
      holding--
      expect(await one.release()).toBe(true)
      return fence
    }),
  )
  expect(new Set(fences).size).toBe(4)
})
