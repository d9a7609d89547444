import { expect, test } from '@jest/globals'
import { unmetFloors } from '../src/run/floors.ts'

test('a run in which nothing happens has too little of everything', () => {
  expect(unmetFloors({}, 20_000)).toContain('grants: 0 instead of 7600')
  expect(unmetFloors({}, 20_000)).toContain('thefts heard held: 0 instead of 1')
  expect(unmetFloors({}, 20_000)).toContain('fault while holding pause: 0 instead of 600')
})

test('floors grow with the number of schedules', () => {
  const counts = { grants: 8000 }
  expect(unmetFloors(counts, 20_000)).not.toContainEqual(expect.stringMatching(/^grants:/))
  expect(unmetFloors(counts, 40_000)).toContain('grants: 8000 instead of 15200')
})

test('a run too short to tell chance from a lack has no floors', () => {
  expect(unmetFloors({}, 19_999)).toEqual([])
})
