import { expect, test } from '@jest/globals'
import { PRODUCTION } from '../src/run/production.ts'
import { runSchedule } from '../src/run/run-schedule.ts'

const tested = { subject: PRODUCTION, bug: undefined, readable: true }

test('a schedule is the same each time, and beside others', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const first = await runSchedule({ ...tested, seed })
    const [again] = await Promise.all(
      [seed, seed + 1].map((each) => runSchedule({ ...tested, seed: each })),
    )
    expect(again?.lines).toEqual(first.lines)
    expect(again?.hash).toBe(first.hash)
  }
})

test('even seeds are about locks, odd ones about the cache', async () => {
  const [locks, cache] = await Promise.all([2, 3].map((seed) => runSchedule({ ...tested, seed })))
  expect(locks?.lines?.join()).toContain('send acquire')
  expect(locks?.lines?.join()).not.toContain('send read')
  expect(cache?.lines?.join()).toContain('send read')
  expect(cache?.lines?.join()).not.toContain('send acquire')
})
