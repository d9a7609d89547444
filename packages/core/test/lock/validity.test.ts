import { describe, expect, test } from '@jest/globals'
import { validUntilMs } from '../../src/lock/validity.ts'

describe('a grant', () => {
  test('is believed from the sending, without the grace, 1 % and 2 ms', () => {
    expect(validUntilMs(1000, 31_500, 1500)).toBe(1000 + 30_000 - 315 - 2)
  })

  test('is believed for what the store really set, not for what was asked', () => {
    expect(validUntilMs(0, 10_000, 1500)).toBe(10_000 - 1500 - 100 - 2)
  })

  test('covers a clock that runs half a percent wrong, for every length', () => {
    for (const ttlMs of [1, 50, 1000, 30_000, 3_600_000, 2 ** 31 - 1]) {
      const believedMs = validUntilMs(0, ttlMs, 0)
      const passedInStoreMs = believedMs * 1.005
      expect(passedInStoreMs).toBeLessThan(ttlMs - 1)
    }
  })
})
