import { expect, test } from '@jest/globals'
import { unmetFloors } from '../src/run/floors.ts'

test('a run in which nothing happens has too little of everything', () => {
  expect(unmetFloors({}, 1000)).toContain('grants: 0 instead of 380')
  expect(unmetFloors({}, 1000)).toContain('fault while holding pause: 0 instead of 30')
})

test('floors grow with the number of schedules', () => {
  const counts = { grants: 700 }
  expect(unmetFloors(counts, 1000)).not.toContainEqual(expect.stringMatching(/^grants:/))
  expect(unmetFloors(counts, 2000)).toContain('grants: 700 instead of 760')
})
