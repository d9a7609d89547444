/** Proves that inspect tells the truth about a name, and leaves it as it is. */
import assert from 'node:assert/strict'
import { assertRemaining } from '../replies.ts'
import { excludesNobody, type LeaseRules } from './bench.ts'

export const inspection: LeaseRules = {
  title: 'inspect',
  unless: excludesNobody,
  rules: {
    async 'inspect shows nobody on a free name'({ store, key }) {
      const { holders, waiters } = await store.inspect(key)
      assert.deepEqual([holders, waiters], [[], 0])
    },

    async 'inspect shows the holder and the time it has left'(bench) {
      const { store, key, take, holder, longMs, slackMs } = bench
      await take(holder)
      const { holders, capacity } = await store.inspect(key)
      const [found] = holders
      assert.deepEqual([holders.length, found?.token, found?.units, capacity], [1, holder, 1, 1])
      assertRemaining(found?.remainingMs ?? 0, longMs + slackMs)
    },

    async 'inspect shows the new end after an extend'(bench) {
      const { store, key, take, keep, holder, longMs, slackMs } = bench
      await take(holder, 3 * longMs)
      await keep(holder, longMs)
      const [found] = (await store.inspect(key)).holders
      assertRemaining(found?.remainingMs ?? 0, longMs + slackMs)
    },

    async 'inspect shows nobody after a release'({ store, key, take, release, holder }) {
      await take(holder)
      await release(holder)
      assert.deepEqual((await store.inspect(key)).holders, [])
    },

    async 'inspect shows nobody after the end of a lease'({ store, key, lapse, holder }) {
      await lapse(holder)
      assert.deepEqual((await store.inspect(key)).holders, [])
    },

    async 'inspect shows the successor alone'({ store, key, lapse, take, holder, rival }) {
      await lapse(holder)
      await take(rival)
      const { holders } = await store.inspect(key)
      assert.deepEqual(
        holders.map(({ token }) => token),
        [rival],
      )
    },

    async 'inspect does not prolong a lease'(bench) {
      const { store, key, take, outlive, holder, shortMs, assertFree } = bench
      const { remainingMs } = await take(holder, shortMs)
      await store.inspect(key)
      await outlive(remainingMs)
      await assertFree()
    },
  },
}
