import { expect, test } from '@jest/globals'
import { FaultWorld } from './faults/fault-world.ts'

const world = new FaultWorld()
const CALLERS = Array.from({ length: 12 }, (_, n) => n)
const PATIENT = { ttl: '10m', wait: '5m', fair: 'process' } as const

test('callers that hand a lock on in their process have one place in the queue, and a fence each', async () => {
  const holder = await world.locks(PATIENT)
  const processes = [await world.locks(PATIENT), await world.locks(PATIENT)]
  const first = await holder.acquire('job')
  let holding = 0
  const fences: number[] = []
  const served = processes.map((locks) => {
    return CALLERS.map(async () => {
      for (let turn = 0; turn < 3; turn++) {
        const lock = await locks.acquire('job')
        expect(++holding).toBe(1)
        fences.push(lock.fence ?? 0)
        holding--
        expect(await lock.release()).toBe(true)
      }
    })
  })
  await world.queued('job', 2)
  expect(await first.release()).toBe(true)
  await Promise.all(served.flat())
  expect(fences).toHaveLength(2 * 12 * 3)
  expect(fences).toEqual(fences.toSorted((one, other) => one - other))
  expect(new Set([first.fence, ...fences]).size).toBe(1 + fences.length)
  await world.holders('job', 0)
})
