import { expect, test } from '@jest/globals'
import { Dice } from '../src/time/dice.ts'

const throws = (seed: number) => {
  const dice = new Dice(seed)
  return Array.from({ length: 2000 }, () => dice.fraction())
}

test('the same seed throws the same numbers', () => {
  expect(throws(42)).toEqual(throws(42))
})

test('neighbouring seeds, and seeds 2³² apart, do not resemble one another', () => {
  const equal = (a: number[], b: number[]) =>
    a.filter((x, i) => Math.abs(x - (b[i] ?? 0)) < 1e-3).length
  expect(equal(throws(42), throws(43))).toBeLessThan(15)
  expect(equal(throws(42), throws(42 + 2 ** 32))).toBeLessThan(15)
})

test('fractions are uniform in [0, 1)', () => {
  const numbers = throws(1)
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  expect(numbers.reduce((sum, x) => sum + x) / numbers.length).toBeCloseTo(0.5, 1)
})

test('whole numbers include both ends', () => {
  const dice = new Dice(1)
  const seen = new Set(Array.from({ length: 200 }, () => dice.whole(2, 4)))
  expect([...seen].sort()).toEqual([2, 3, 4])
})

test('spread numbers stay within their ends', () => {
  const dice = new Dice(1)
  for (let i = 0; i < 500; i++) {
    const value = dice.spread(10, 1000)
    expect(value).toBeGreaterThanOrEqual(10)
    expect(value).toBeLessThanOrEqual(1000)
  }
})
