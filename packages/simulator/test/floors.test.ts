import { expect, test } from '@jest/globals'
import { unmetFloors } from '../src/run/floors.ts'

test('a run in which nothing happens has too little of everything', () => {
  expect(unmetFloors({}, 1000)).toContain('grants: 0 instead of 600')
  expect(unmetFloors({}, 1000)).toContain('fault while holding pause: 0 instead of 60')
})

test('floors grow with the number of schedules', () => {
  const counts = { grants: 1000 }
  expect(unmetFloors(counts, 1000)).not.toContainEqual(expect.stringMatching(/^grants:/))
  expect(unmetFloors(counts, 2000)).toContain('grants: 1000 instead of 1200')
})
