import { expect, test } from '@jest/globals'
import type { Duration } from '../../src/index.ts'
import { Contender } from './contender.ts'
import { FaultWorld, until } from './fault-world.ts'

const world = new FaultWorld()

async function contender(ttl: Duration): Promise<Contender> {
  const [one] = await Contender.startMany(1, world.redis.url, { ttl, wait: '5m' })
  if (!one) throw new Error('it did not start')
  world.atEnd(() => one[Symbol.asyncDispose]())
  return one
}

/** Steals from a stopped holder, which goes on then; answers why it has lost. */
async function stealFrom(holder: Contender, fence: number): Promise<string> {
  const thieves = await world.locks()
  await holder.program.pause()
  const stolen = await thieves.acquire('job', { steal: true })
  // A resource that has seen the thief refuses whatever the other still sends.
  expect(stolen.fence).toBeGreaterThan(fence)
  await world.holders('job', 1)
  holder.program.resume()
  const reason = await holder.loss()
  expect(await holder.held()).toBe(false)
  expect(await holder.release()).toBe(false)
  expect(await stolen.verify()).toBe(true)
  expect(await world.fence('job')).toBe(stolen.fence)
  expect(await stolen.release()).toBe(true)
  return reason
}

test('a stopped holder that has waited finds the push of the theft when it goes on', async () => {
  const holder = await contender('10m')
  const lock = await (await world.locks()).acquire('job')
  const grant = holder.acquire('job')
  await world.queued('job', 1)
  await lock.release()
  const fence = await grant
  // Its first renewal is far behind, and the next one minutes away.
  await until(async () => (await world.remainingMs('job')) > 10_000)
  expect(await stealFrom(holder, fence)).toBe('stolen')
})

test('a stopped holder that listens to nothing learns of the theft at its next renewal', async () => {
  const holder = await contender('15s')
  const fence = await holder.acquire('job')
  expect(await stealFrom(holder, fence)).toBe('stolen')
})
