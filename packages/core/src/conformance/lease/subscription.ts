/** Proves that grants go to those who listen, each to its own, and to nobody who has gone. */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { hasNoQueue, type LeaseRules } from './bench.ts'

export const subscription: LeaseRules = {
  title: 'subscribers',
  unless: hasNoQueue,
  rules: {
    async 'each subscriber is told of its own waiters'(bench) {
      const { subscribe, take, wait, release, holder, rival } = bench
      const [one, other] = [await subscribe(), await subscribe()]
      const next = freshToken()
      await take(holder)
      await wait(rival, one)
      await wait(next, other)
      for (const token of [holder, rival]) await release(token)
      for (const [subscriber, token] of [
        [one, rival],
        [other, next],
      ] as const) {
        const told = (await subscriber.heard()).map((grant) => grant.token)
        assert.deepEqual(told, [token])
      }
    },

    async 'a waiter whose subscriber is gone is skipped'(bench) {
      const { subscribe, take, wait, release, holder, rival, assertHolders } = bench
      const [gone, here] = [await subscribe(), await subscribe()]
      await take(holder)
      await wait(freshToken(), gone)
      await wait(rival, here)
      await wait(freshToken(), gone)
      await gone.close()
      await release(holder)
      await assertHolders([rival])
      assert.deepEqual(await here.nextTokens(1), [rival])
      await release(rival)
      await assertHolders([])
    },

    async 'a name whose waiters are all gone is free'(bench) {
      const { subscribe, take, wait, release, holder, rival, assertFree } = bench
      const [gone] = [await subscribe(), await subscribe()]
      await take(holder)
      await wait(rival, gone)
      await gone.close()
      await release(holder)
      await assertFree()
    },

    async 'a subscription to grants may be closed twice'({ subscribe }) {
      const [closed, open] = [await subscribe(), await subscribe()]
      await closed.close()
      await closed.close()
      assert.deepEqual(await open.heard(), [])
    },
  },
}
