import { expect, test } from '@jest/globals'
import { World } from '../src/time/world.ts'

const aWorld = () => new World(1, true)
const target = { id: 0, admits: () => true }

test('events happen in the order of their time, then of their planning', async () => {
  const world = aWorld()
  const seen: string[] = []
  for (const [name, atMs] of [
    ['late', 20],
    ['first', 10],
    ['second', 10],
    ['soon', 1],
  ] as const) {
    world.at(atMs, name, () => seen.push(`${name} ${world.nowMs}`))
  }
  await world.run(() => {})
  expect(seen).toEqual(['soon 1', 'first 10', 'second 10', 'late 20'])
})

test('many events come out sorted', async () => {
  const world = aWorld()
  const seen: number[] = []
  for (let i = 0; i < 1000; i++)
    world.at(world.dice.whole(0, 300), 'x', () => seen.push(world.nowMs))
  await world.run(() => {})
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(seen).toHaveLength(1000)
})

test('a cancelled event does not happen, and time does not pass for it', async () => {
  const world = aWorld()
  world.at(5, 'kept', () => {})
  world.at(50, 'dropped', () => expect(true).toBe(false)).cancelled = true
  await world.run(() => {})
  expect(world.nowMs).toBe(5)
})

test('between two events, promise chains of any length come to their end', async () => {
  const world = aWorld()
  const seen: string[] = []
  const chain = async () => {
    for (let i = 0; i < 5000; i++) await null
    seen.push('chain')
  }
  world.at(1, 'client code', () => void chain(), target)
  world.at(1, 'next', () => seen.push('next'), target)
  await world.run(() => {})
  expect(seen).toEqual(['chain', 'next'])
})

test('the watcher looks on after each event, and a violation ends the run', async () => {
  const world = aWorld()
  let looks = 0
  for (let atMs = 1; atMs <= 5; atMs++) world.at(atMs, 'event', () => {})
  await world.run(() => {
    if (++looks === 3) world.violate('P0', 'the third one')
    if (looks > 3) world.violate('P0', 'never reached')
  })
  expect(looks).toBe(3)
  expect(world.violation).toEqual({ invariant: 'P0', message: 'the third one', atMs: 3 })
  expect(world.trace.lines?.at(-1)).toContain('VIOLATION P0 the third one')
})

test('events without end are a violation', async () => {
  const world = aWorld()
  const again = () => void world.in(1, 'again', again)
  again()
  await world.run(() => {})
  expect(world.violation?.invariant).toBe('rest')
})
