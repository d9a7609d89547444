/** Proves that acquire is idempotent by token, so that a client may send it again after any doubt. */
import assert from 'node:assert/strict'
import { excludesNobody, type LeaseRules } from './bench.ts'

export const reacquire: LeaseRules = {
  title: 'repeated acquire',
  unless: excludesNobody,
  rules: {
    async 'a repeated acquire re-sets the TTL'(bench) {
      const { take, outlive, stopwatch, holder, shortMs, longMs, assertHolder } = bench
      const { assertInTime } = stopwatch()
      const { remainingMs } = await take(holder, shortMs)
      await take(holder, longMs)
      assertInTime(shortMs)
      await outlive(remainingMs)
      await assertHolder(holder)
    },

    async 'a repeated acquire sets a shorter TTL, too'({ take, lapse, holder, assertFree }) {
      await take(holder)
      await lapse(holder)
      await assertFree()
    },

    async 'a repeated acquire is undone by one release'({ take, release, holder, assertFree }) {
      for (let round = 0; round < 3; round++) await take(holder)
      assert.equal((await release(holder)).state, 'released')
      await assertFree()
    },
  },
}
