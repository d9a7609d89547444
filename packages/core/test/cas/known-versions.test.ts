import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { KnownVersions } from '../../src/cas/known-versions.ts'

/** Few, some of which share a bucket. */
const token = fc.constantFrom('', 'a', 'b', 'aXY', 'bXY', 'cXY', 'XY', 'other')
const step = fc.oneof(
  fc.record({ token, version: fc.option(fc.nat(), { nil: undefined }) }),
  fc.record({ token }),
)

test('a version is known until it is taken, replaced or unlearned', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const known = new KnownVersions<number>()
      const model = new Map<string, number>()
      for (const each of steps) {
        if ('version' in each) {
          known.learn(each.token, each.version)
          if (each.version === undefined) model.delete(each.token)
          else model.set(each.token, each.version)
        } else {
          expect(known.take(each.token)).toBe(model.get(each.token))
          model.delete(each.token)
        }
      }
      for (const [name, version] of model) expect(known.take(name)).toBe(version)
    }),
    { seed: 7, numRuns: 500 },
  )
})

test('the oldest of 10,000 makes room', () => {
  const known = new KnownVersions<number>()
  for (let at = 0; at <= 10_000; at++) known.learn(`token${at}`, at)
  expect(known.take('token0')).toBeUndefined()
  for (let at = 1; at <= 10_000; at++) {
    if (known.take(`token${at}`) !== at) expect(at).toBeUndefined()
  }
})
