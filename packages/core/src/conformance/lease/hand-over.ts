/** Proves that a lease gets another owner token in one step: the new one holds, the old one nothing. */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { assertRemaining, inState, storeTimeOf } from '../replies.ts'
import { excludesNobody, type LeaseBench, type LeaseRules } from './bench.ts'

export const handOver: LeaseRules = {
  title: 'hand-over',
  unless: excludesNobody,
  rules: {
    async 'an extend may give the lease another token'(bench) {
      const { take, holder, rival, assertHolder } = bench
      await take(holder)
      inState(await handOverTo(bench, rival), 'extended')
      await assertHolder(rival)
    },

    async 'who has handed over holds nothing any more'(bench) {
      const { take, extend, release, holder, rival, assertHolder } = bench
      await take(holder)
      await handOverTo(bench, rival)
      inState(await extend(holder), 'taken')
      inState(await release(holder), 'taken')
      await assertHolder(rival)
    },

    async 'a hand-over keeps the fence'(bench) {
      const { store, key, take, holder, rival } = bench
      const { fence } = await take(holder)
      await handOverTo(bench, rival)
      const [found] = (await store.inspect(key)).holders
      assert.deepEqual([found?.token, found?.fence], [rival, fence])
    },

    async 'a hand-over moves the end of the lease'(bench) {
      const { take, outlive, holder, rival, slackMs, assertFree } = bench
      await take(holder)
      const { remainingMs } = inState(await handOverTo(bench, rival, { ttlMs: 1 }), 'extended')
      assertRemaining(remainingMs, 1 + slackMs)
      await outlive(remainingMs)
      await assertFree()
    },

    async 'a repeated hand-over extends the lease'(bench) {
      const { take, outlive, stopwatch, holder, rival, shortMs, assertHolder } = bench
      await take(holder)
      const { assertInTime } = stopwatch()
      const first = inState(await handOverTo(bench, rival, { ttlMs: shortMs }), 'extended')
      const again = await handOverTo(bench, rival)
      assertInTime(shortMs)
      inState(again, 'extended')
      await outlive(first.remainingMs)
      inState(await handOverTo(bench, rival), 'extended')
      await assertHolder(rival)
    },

    async 'a lease is handed over once'(bench) {
      const { take, holder, rival, assertHolder } = bench
      await take(holder)
      await handOverTo(bench, rival)
      inState(await handOverTo(bench, freshToken()), 'taken')
      await assertHolder(rival)
    },

    async 'another token cannot hand over'(bench) {
      const { take, holder, rival, assertHolder } = bench
      await take(holder)
      inState(await handOverTo(bench, freshToken(), { token: rival }), 'taken')
      await assertHolder(holder)
    },

    async 'a free name cannot be handed over, and stays free'(bench) {
      inState(await handOverTo(bench, bench.rival), 'absent')
      await bench.assertFree()
    },

    async 'a late hand-over changes nothing'(bench) {
      const { take, holder, rival, assertHolder } = bench
      const notAfterMs = storeTimeOf(await take(holder)) - 1
      inState(await handOverTo(bench, rival, { notAfterMs }), 'late')
      await assertHolder(holder)
    },
  },
}

/** By the holder, unless another token is given. */
const handOverTo = (
  { store, key, holder, longMs }: LeaseBench,
  newToken: string,
  more: { readonly token?: string; readonly ttlMs?: number; readonly notAfterMs?: number } = {},
) => store.extend({ key, token: holder, ttlMs: longMs, ...more, newToken })
