import { expect, test } from '@jest/globals'
import { PRODUCTION } from '../src/run/production.ts'
import { runSchedule } from '../src/run/run-schedule.ts'
import { loopTurn, tickTurn } from '../src/time/turn.ts'

const tested = { subject: PRODUCTION, bug: undefined, readable: true }

test('a schedule is the same, whichever way its promises are drained', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const ticked = await runSchedule({ ...tested, seed, turn: tickTurn })
    const looped = await runSchedule({ ...tested, seed, turn: loopTurn })
    expect(looped.lines).toEqual(ticked.lines)
    expect(looped.hash).toBe(ticked.hash)
  }
})

test('even seeds are about locks, odd ones about the cache', async () => {
  const [locks, cache] = await Promise.all(
    [2, 3].map((seed) => runSchedule({ ...tested, seed, turn: tickTurn })),
  )
  expect(locks?.lines?.join()).toContain('send acquire')
  expect(locks?.lines?.join()).not.toContain('send read')
  expect(cache?.lines?.join()).toContain('send read')
  expect(cache?.lines?.join()).not.toContain('send acquire')
})
