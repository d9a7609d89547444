import { describe, expect, test } from '@jest/globals'
import { systemRandom } from '../src/random.ts'

describe('the system random', () => {
  test('makes tokens of 21 safe ASCII characters, no two alike', () => {
    const tokens = new Set(Array.from({ length: 10_000 }, () => systemRandom.token()))
    expect(tokens.size).toBe(10_000)
    const odd = [...tokens].filter((token) => !/^[A-Za-z0-9_-]{21}$/.test(token))
    expect(odd).toEqual([])
  })

  test('draws fractions from [0, 1)', () => {
    const draws = Array.from({ length: 1000 }, () => systemRandom.fraction())
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...draws)).toBeLessThan(1)
    expect(new Set(draws).size).toBeGreaterThan(900)
  })
})
