import type { Random } from '../random.ts'

/**
 * Chance that repeats itself: the same seed, the same tokens and the same jitter. For the `random` of
 * `createLocks` and `HerdCache`; two of them on one store need two seeds, since tokens must differ.
 */
export function seededRandom(seed: number): Random {
  let state = seed
  let tokens = 0
  return {
    token: () => `token-${seed}-${tokens++}`,
    fraction() {
      // mulberry32
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}
