/** Proves that a place in the queue can be given up, before the grant and after it. */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { hasNoQueue, type LeaseRules } from './bench.ts'

export const queueEnd: LeaseRules = {
  title: 'leaving the queue',
  unless: hasNoQueue,
  rules: {
    async 'who left is not granted, and the others keep their order'(bench) {
      const { subscribe, take, wait, leave, release, holder, rival } = bench
      const subscriber = await subscribe()
      const [first, last] = [freshToken(), freshToken()]
      await take(holder)
      for (const token of [first, rival, last]) await wait(token, subscriber)
      assert.equal(await leave(rival), 'left')
      for (const token of [holder, first]) await release(token)
      assert.deepEqual(await subscriber.nextTokens(2), [first, last])
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'a place is left once'({ subscribe, take, wait, leave, holder, rival }) {
      const subscriber = await subscribe()
      await take(holder)
      await wait(rival, subscriber)
      assert.equal(await leave(rival), 'left')
      assert.equal(await leave(rival), 'absent')
    },

    async 'who left and comes back stands at the end'(bench) {
      const { subscribe, take, wait, leave, release, holder, rival } = bench
      const subscriber = await subscribe()
      const next = freshToken()
      await take(holder)
      for (const token of [rival, next]) await wait(token, subscriber)
      await leave(rival)
      await wait(rival, subscriber)
      for (const token of [holder, next]) await release(token)
      assert.deepEqual(await subscriber.nextTokens(2), [next, rival])
    },

    async 'leaving after the grant frees the name'(bench) {
      const { subscribe, take, wait, leave, release, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      await take(holder)
      await wait(rival, subscriber)
      await release(holder)
      assert.equal(await leave(rival), 'released')
      await assertHolders([])
      assert.equal(await leave(rival), 'absent')
    },

    async 'leaving after the grant serves the next'(bench) {
      const { subscribe, take, wait, leave, release, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      const next = freshToken()
      await take(holder)
      for (const token of [rival, next]) await wait(token, subscriber)
      await release(holder)
      await leave(rival)
      await assertHolders([next])
      assert.deepEqual(await subscriber.nextTokens(2), [rival, next])
    },

    async 'a token without a place leaves nothing'(bench) {
      const { subscribe, take, wait, leave, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      assert.equal(await leave(freshToken()), 'absent')
      await take(holder)
      await wait(rival, subscriber)
      assert.equal(await leave(freshToken()), 'absent')
      await assertHolders([holder])
      await bench.release(holder)
      assert.deepEqual(await subscriber.nextTokens(1), [rival])
    },
  },
}
