/** Proves that extend moves the end of a lease for its holder, and does nothing for anybody else. */
import assert from 'node:assert/strict'
import { assertRemaining } from '../replies.ts'
import { excludesNobody, type LeaseRules } from './bench.ts'

export const extension: LeaseRules = {
  title: 'extend',
  unless: excludesNobody,
  rules: {
    async 'the holder moves the end of its lease'(bench) {
      const { take, extend, outlive, stopwatch, holder, shortMs, assertHolder } = bench
      const { assertInTime } = stopwatch()
      const { remainingMs } = await take(holder, shortMs)
      const reply = await extend(holder)
      assertInTime(shortMs)
      assert.equal(reply.state, 'extended')
      await outlive(remainingMs)
      await assertHolder(holder)
    },

    async 'an extend sets a shorter TTL, too'({ take, keep, outlive, holder, assertFree }) {
      await take(holder)
      const { remainingMs } = await keep(holder, 1)
      await outlive(remainingMs)
      await assertFree()
    },

    async 'an extend says which TTL the store has set'(bench) {
      const { take, keep, holder, longMs, slackMs } = bench
      await take(holder, longMs)
      const { remainingMs } = await keep(holder, 3 * longMs)
      assertRemaining(2 * longMs, remainingMs)
      assertRemaining((await keep(holder, longMs)).remainingMs, longMs + slackMs)
    },

    async 'another token cannot extend'({ take, extend, holder, rival, assertHolder }) {
      await take(holder)
      assert.equal((await extend(rival)).state, 'taken')
      await assertHolder(holder)
    },

    async 'an extend by another token does not prolong the lease'(bench) {
      const { take, extend, outlive, stopwatch, holder, rival, shortMs, assertFree } = bench
      const { assertInTime } = stopwatch()
      const { remainingMs } = await take(holder, shortMs)
      const reply = await extend(rival)
      assertInTime(shortMs)
      assert.equal(reply.state, 'taken')
      await outlive(remainingMs)
      await assertFree()
    },

    async 'an extend by another token does not shorten the lease'(bench) {
      const { take, extend, outlive, holder, rival, slackMs, assertHolder } = bench
      await take(holder)
      assert.equal((await extend(rival, 1)).state, 'taken')
      await outlive(1 + slackMs)
      await assertHolder(holder)
    },

    async 'a free name cannot be extended, and stays free'({ extend, holder, assertFree }) {
      assert.equal((await extend(holder)).state, 'absent')
      await assertFree()
    },

    async 'a released holder cannot extend'({ take, release, extend, holder, assertFree }) {
      await take(holder)
      await release(holder)
      assert.equal((await extend(holder)).state, 'absent')
      await assertFree()
    },
  },
}
