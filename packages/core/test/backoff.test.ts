import { describe, expect, test } from '@jest/globals'
import { backoffMs } from '../src/backoff.ts'
import { SeededRandom } from './helpers/seeded-random.ts'

const LIMITS = { firstMs: 10, maxMs: 500 }
const jitter = (fraction: number) => new SeededRandom(1, fraction)

describe('a back-off', () => {
  test('doubles from the first delay to the limit', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => backoffMs(n, LIMITS, jitter(1)))
    expect(delays).toEqual([10, 20, 40, 80, 160, 320, 500, 500])
  })

  test('is jittered down to a half, never further and never up', () => {
    expect(backoffMs(3, LIMITS, jitter(0))).toBe(40)
    expect(backoffMs(3, LIMITS, jitter(0.5))).toBe(60)
    const random = new SeededRandom(7)
    for (let attempt = 0; attempt < 200; attempt++) {
      const fullMs = Math.min(500, 10 * 2 ** attempt)
      const delayMs = backoffMs(attempt, LIMITS, random)
      expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2)
      expect(delayMs).toBeLessThanOrEqual(fullMs)
    }
  })

  test('does not run in step: two draws differ', () => {
    const random = new SeededRandom(7)
    expect(backoffMs(5, LIMITS, random)).not.toBe(backoffMs(5, LIMITS, random))
  })

  test('of the millionth try is the limit, without overflow', () => {
    expect(backoffMs(1_000_000, LIMITS, jitter(1))).toBe(500)
    expect(backoffMs(Number.MAX_SAFE_INTEGER, LIMITS, jitter(1))).toBe(500)
  })

  test('whose limit is below its first delay obeys the limit', () => {
    expect(backoffMs(0, { firstMs: 10, maxMs: 4 }, jitter(1))).toBe(4)
  })
})
