import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Sample } from '../src/sample.ts'
import { median, slope } from '../src/slope.ts'
import { trendsOf } from '../src/trend.ts'

const MB = 2 ** 20
const MINUTE_MS = 60_000

/** One sample each minute. */
function samples(count: number, at: (minute: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: count }, (_, minute) => ({
    atMs: minute * MINUTE_MS,
    ...{ jobs: 0, heap: 0, buffers: 0, resources: 0, listeners: 0, entries: 0 },
    ...at(minute),
  }))
}

const growing = (taken: readonly Sample[]) =>
  trendsOf('p1', taken).flatMap(({ measure, grows }) => (grows ? [measure] : []))

describe('slope', () => {
  test('of a line it is its own, whatever a few points far off say', () => {
    const line = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer())
    fc.assert(
      fc.property(line, fc.array(fc.nat(29), { maxLength: 4 }), ([perStep, start], outliers) => {
        const points = Array.from({ length: 30 }, (_, x) => ({
          x,
          y: outliers.includes(x) ? 10 ** 9 : start + perStep * x,
        }))
        expect(slope(points)).toBeCloseTo(perStep)
      }),
    )
  })

  test('without two moments there is none', () => {
    expect(slope([])).toBe(0)
    expect(slope([{ x: 1, y: 5 }])).toBe(0)
    expect(
      slope([
        { x: 1, y: 5 },
        { x: 1, y: 9 },
      ]),
    ).toBe(0)
  })

  test('a median lies in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(median([])).toBe(0)
  })
})

describe('verdict', () => {
  test('what stays as it is does not grow, also when it is noisy', () => {
    const noisy = (minute: number) => ({ heap: 20 * MB + ((minute * 7) % 5) * MB, listeners: 9 })
    expect(growing(samples(30, noisy))).toEqual([])
  })

  test('a heap that grows faster than allowed does', () => {
    const by = (mbPerMinute: number) =>
      samples(30, (minute) => ({ heap: 20 * MB + minute * mbPerMinute * MB }))
    expect(growing(by(0.09))).toEqual([])
    expect(growing(by(0.11))).toEqual(['heap'])
    const [heap] = trendsOf('p1', by(0.11))
    expect(heap?.slope).toBeCloseTo(1.1 * MB)
    // The first half does not count.
    expect([heap?.first, heap?.last]).toEqual([20 * MB + 0.11 * 15 * MB, 20 * MB + 0.11 * 29 * MB])
  })

  test('what grows during the warm-up only does not', () => {
    const warm = (minute: number) => ({
      heap: Math.min(minute, 10) * MB,
      resources: Math.min(minute, 9),
    })
    expect(growing(samples(30, warm))).toEqual([])
  })

  test('a count that grows at all does', () => {
    const every10 = (minute: number) => ({
      resources: Math.floor(minute / 10),
      listeners: minute,
      entries: -minute,
    })
    expect(growing(samples(60, every10))).toEqual(['resources', 'listeners'])
  })
})
