/** Proves that the store queues those who wait, and serves them in order of arrival, one push each. */
import assert from 'node:assert/strict'
import { freshToken, freshTokens } from '../names.ts'
import { assertRemaining, inState, storeTimeOf } from '../replies.ts'
import { hasNoQueue, type LeaseRules } from './bench.ts'

const WAITERS = 30

export const queue: LeaseRules = {
  title: 'queue',
  unless: hasNoQueue,
  rules: {
    async 'a waiter is queued, and answered held'(bench) {
      const { subscribe, take, wait, holder, rival, longMs, slackMs, assertHolders } = bench
      const subscriber = await subscribe()
      await take(holder)
      const { remainingMs } = await wait(rival, subscriber)
      assertRemaining(remainingMs, longMs + slackMs)
      await assertHolders([holder])
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'a waiter gets a free name by the reply alone'(bench) {
      const { subscribe, enqueue, holder, longMs, slackMs, assertHolders } = bench
      const subscriber = await subscribe()
      const { remainingMs } = inState(await enqueue(holder, subscriber, { grantMs: 1 }), 'granted')
      assertRemaining(longMs / 2, remainingMs)
      assertRemaining(remainingMs, longMs + slackMs)
      await assertHolders([holder])
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'a release grants the first waiter, and tells it once'(bench) {
      const { key, subscribe, take, wait, release, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      await take(holder)
      await wait(rival, subscriber)
      await wait(freshToken(), subscriber)
      inState(await release(holder), 'released')
      await assertHolders([rival])
      const told = (await subscriber.heard()).map((grant) => [grant.key, grant.token])
      assert.deepEqual(told, [[key, rival]])
    },

    async 'waiters are served in order of arrival'(bench) {
      const { subscribe, take, wait, release, holder } = bench
      const subscriber = await subscribe()
      const tokens = freshTokens(WAITERS)
      await take(holder)
      for (const token of tokens) await wait(token, subscriber)
      const served: string[] = []
      for (let last = holder; served.length < WAITERS; ) {
        await release(last)
        last = (await subscriber.nextGrant()).token
        served.push(last)
      }
      assert.deepEqual(served, tokens)
    },

    async 'who asks is told whether it had its place, or the lease'(bench) {
      const { subscribe, take, wait, enqueue, leave, holder, rival } = bench
      const subscriber = await subscribe()
      const first = await take(holder)
      assert.equal(first.kept, false)
      assert.equal((await wait(rival, subscriber)).kept, false)
      assert.equal((await wait(rival, subscriber)).kept, true)
      const again = inState(await enqueue(holder, subscriber), 'granted')
      assert.equal(again.kept, true)
      const other = freshToken()
      assert.equal((await wait(other, subscriber)).kept, false)
      await leave(other)
      assert.equal((await wait(rival, subscriber)).kept, true)
      await leave(holder)
      const served = inState(await enqueue(rival, subscriber), 'granted')
      assert.equal(served.kept, true)
    },

    async 'a waiter that asks again keeps its place'(bench) {
      const { subscribe, take, wait, release, holder, rival } = bench
      const subscriber = await subscribe()
      const next = freshToken()
      await take(holder)
      for (const token of [rival, next, rival]) await wait(token, subscriber)
      for (const token of [holder, rival, next]) await release(token)
      assert.deepEqual(await subscriber.nextTokens(2), [rival, next])
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'a waiter that asks again after its grant is granted again'(bench) {
      const { subscribe, take, wait, enqueue, release, holder, rival, longMs, slackMs } = bench
      const subscriber = await subscribe()
      await take(holder)
      await wait(rival, subscriber, { grantMs: longMs / 4 })
      await release(holder)
      const { fence } = await subscriber.nextGrant()
      const reply = inState(await enqueue(rival, subscriber), 'granted')
      assert.equal(reply.fence, fence)
      assertRemaining(longMs / 2, reply.remainingMs)
      assertRemaining(reply.remainingMs, longMs + slackMs)
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'a pushed grant lasts as long as its waiter said'(bench) {
      const { subscribe, take, wait, release, holder, rival, shortMs, slackMs, ...rest } = bench
      const subscriber = await subscribe()
      await take(holder)
      await wait(rival, subscriber, { grantMs: shortMs })
      await release(holder)
      const { remainingMs } = await subscriber.nextGrant()
      assertRemaining(remainingMs, shortMs + slackMs)
      await rest.outlive(remainingMs)
      await rest.assertFree()
    },

    async 'a pushed grant has a fence of its own'(bench) {
      const { store, key, subscribe, take, wait, release, holder, rival } = bench
      const subscriber = await subscribe()
      const first = await take(holder)
      await wait(rival, subscriber)
      await release(holder)
      const { fence } = await subscriber.nextGrant()
      assert.ok(fence > (first.fence ?? 0), `the fence ${fence} is not above ${first.fence}`)
      const [found] = (await store.inspect(key)).holders
      assert.equal(found?.fence, fence)
    },

    async 'a pushed grant tells the store’s times of the first enqueue and of the grant'(bench) {
      const { subscribe, take, wait, release, outlive, holder, rival, slackMs } = bench
      const subscriber = await subscribe()
      await take(holder)
      const enqueuedAtMs = storeTimeOf(await wait(rival, subscriber))
      await outlive(slackMs)
      await wait(rival, subscriber)
      const grantedAtMs = storeTimeOf(await release(holder))
      const grant = await subscriber.nextGrant()
      for (const [told, known] of [
        [grant.enqueuedAtMs, enqueuedAtMs],
        [grant.grantedAtMs, grantedAtMs],
      ] as const) {
        assert.ok(Math.abs(told - known) <= slackMs, `the time ${told} should be ${known}`)
      }
    },

    async 'inspect counts who waits'(bench) {
      const { store, key, subscribe, take, wait, leave, holder, rival } = bench
      const subscriber = await subscribe()
      const count = async () => (await store.inspect(key)).waiters
      await take(holder)
      assert.equal(await count(), 0)
      for (const token of [rival, freshToken()]) await wait(token, subscriber)
      assert.equal(await count(), 2)
      await leave(rival)
      assert.equal(await count(), 1)
    },

    async 'who does not wait is not queued'(bench) {
      const { subscribe, take, acquire, wait, release, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      await take(holder)
      inState(await acquire(freshToken()), 'held')
      await wait(rival, subscriber)
      await release(holder)
      await release(rival)
      await assertHolders([])
    },

    async 'a late waiter is not queued'(bench) {
      const { subscribe, take, enqueue, release, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      const notAfterMs = storeTimeOf(await take(holder)) - 1
      inState(await enqueue(rival, subscriber, { notAfterMs }), 'late')
      await release(holder)
      await assertHolders([])
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'each of many rivals is granted once, one at a time'(bench) {
      const { subscribe, take, enqueue, release, holder } = bench
      const subscriber = await subscribe()
      const tokens = freshTokens(WAITERS)
      await take(holder)
      const enqueued = tokens.map((token) => enqueue(token, subscriber))
      await release(holder)
      const inside = new Set<string>()
      const visit = async (token: string) => {
        inside.add(token)
        assert.equal(inside.size, 1, 'two hold the name')
        await bench.keep(token)
        inside.delete(token)
        await release(token)
      }
      const byReply: string[] = []
      for (const [i, reply] of (await Promise.all(enqueued)).entries()) {
        if (reply.state === 'granted') byReply.push(tokens[i] ?? '')
      }
      for (const token of byReply) await visit(token)
      const served = [...byReply]
      while (served.length < WAITERS) {
        const { token } = await subscriber.nextGrant()
        served.push(token)
        await visit(token)
      }
      assert.deepEqual([...served].sort(), [...tokens].sort())
      assert.deepEqual(await subscriber.heard(), [])
    },
  },
}
