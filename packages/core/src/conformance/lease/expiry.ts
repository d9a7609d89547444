/** Proves that a lease lasts for its TTL, ends by itself, and that its end is final. */
import assert from 'node:assert/strict'
import { assertRemaining, inState } from '../replies.ts'
import { excludesNobody, type LeaseRules } from './bench.ts'

const TTL_MAX_MS = 2 ** 31 - 1

export const expiry: LeaseRules = {
  title: 'expiry',
  unless: excludesNobody,
  rules: {
    async 'a lease ends by itself'({ take, outlive, holder, shortMs, assertFree }) {
      const { remainingMs } = await take(holder, shortMs)
      await outlive(remainingMs)
      await assertFree()
    },

    async 'the shortest lease ends by itself, too'({ lapse, holder, assertFree }) {
      await lapse(holder)
      await assertFree()
    },

    async 'a lease lasts for its TTL'(bench) {
      const { take, acquire, outlive, stopwatch, holder, rival, shortMs } = bench
      const ttlMs = 5 * shortMs
      const { assertInTime } = stopwatch()
      await take(holder, ttlMs)
      await outlive(2 * shortMs)
      const reply = await acquire(rival)
      assertInTime(ttlMs)
      inState(reply, 'held')
    },

    async 'the longest lease does not end at once'(bench) {
      const { take, acquire, release, holder, rival, longMs } = bench
      const { remainingMs } = await take(holder, TTL_MAX_MS)
      const reply = await acquire(rival)
      await release(holder)
      inState(reply, 'held')
      assertRemaining(longMs, remainingMs)
    },

    async 'an expired holder cannot extend'({ lapse, extend, holder, assertFree }) {
      await lapse(holder)
      assert.equal((await extend(holder)).state, 'absent')
      await assertFree()
    },

    async 'an expired holder cannot release'({ lapse, release, holder, assertFree }) {
      await lapse(holder)
      assert.equal((await release(holder)).state, 'absent')
      await assertFree()
    },

    async 'an expired holder cannot extend the lease of its successor'(bench) {
      const { lapse, take, extend, outlive, holder, rival, slackMs, assertHolder } = bench
      await lapse(holder)
      await take(rival)
      assert.equal((await extend(holder, 1)).state, 'taken')
      await outlive(1 + slackMs)
      await assertHolder(rival)
    },

    async 'an expired holder cannot release the lease of its successor'(bench) {
      const { lapse, take, release, holder, rival, assertHolder } = bench
      await lapse(holder)
      await take(rival)
      assert.equal((await release(holder)).state, 'taken')
      await assertHolder(rival)
    },

    async 'an expired holder is refused like anybody else'(bench) {
      const { lapse, take, acquire, holder, rival, assertHolder } = bench
      await lapse(holder)
      await take(rival)
      inState(await acquire(holder), 'held')
      await assertHolder(rival)
    },
  },
}
