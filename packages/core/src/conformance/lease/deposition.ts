/** Proves that a theft is told to those who lose by it, and leaves the queue as it is. */
import assert from 'node:assert/strict'
import { freshToken, freshTokens } from '../names.ts'
import { inState } from '../replies.ts'
import { hasNoQueue, type LeaseRules } from './bench.ts'
import { hasNoSteal, steal, thieve } from './stealing.ts'

const ALL = 2 ** 31

export const deposition: LeaseRules = {
  title: 'theft and others',
  unless: (bench) => hasNoQueue(bench) ?? hasNoSteal(bench),
  rules: {
    async 'a holder that said where is told of the theft, once'(bench) {
      const { store, key, subscribe, holder, rival, longMs } = bench
      const subscriber = await subscribe()
      const request = { key, token: holder, ttlMs: longMs, subscriber: subscriber.id }
      inState(await store.acquire(request), 'granted')
      const { fence: thiefFence } = await thieve(bench, rival)
      await thieve(bench, rival)
      assert.deepEqual(await subscriber.losses(1), [{ key, token: holder, thiefFence }])
    },

    async 'a waiter that was granted is told of the theft'(bench) {
      const { key, subscribe, wait, enqueue, release, holder, rival } = bench
      const subscriber = await subscribe()
      const first = freshToken()
      inState(await enqueue(first, subscriber), 'granted')
      const thief = await thieve(bench, holder)
      await wait(rival, subscriber)
      await release(holder)
      assert.deepEqual(await subscriber.nextTokens(1), [rival])
      const next = await thieve(bench)
      assert.deepEqual(await subscriber.losses(2), [
        { key, token: first, thiefFence: thief.fence },
        { key, token: rival, thiefFence: next.fence },
      ])
    },

    async 'a thief is told of the next theft'(bench) {
      const { key, subscribe, holder } = bench
      const subscriber = await subscribe()
      await thieve(bench, holder, { subscriber: subscriber.id })
      const { fence: thiefFence } = await thieve(bench)
      assert.deepEqual(await subscriber.losses(1), [{ key, token: holder, thiefFence }])
    },

    async 'who extends is told all the same, who has handed over is not'(bench) {
      const { store, key, subscribe, keep, holder, rival, longMs } = bench
      const subscriber = await subscribe()
      const told = { subscriber: subscriber.id }
      await thieve(bench, holder, told)
      await keep(holder)
      const { fence: thiefFence } = await thieve(bench, rival, told)
      await store.extend({ key, token: rival, ttlMs: longMs, newToken: freshToken() })
      await thieve(bench)
      assert.deepEqual(await subscriber.losses(1), [{ key, token: holder, thiefFence }])
    },

    async 'who has released is told nothing'(bench) {
      const { subscribe, release, holder } = bench
      const subscriber = await subscribe()
      await thieve(bench, holder, { subscriber: subscriber.id })
      await release(holder)
      await thieve(bench)
      assert.deepEqual(await subscriber.losses(0), [])
    },

    async 'who waits keeps its place, and comes after the thief'(bench) {
      const { store, key, subscribe, take, wait, release, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      const next = freshToken()
      await take(holder)
      for (const token of [rival, next]) await wait(token, subscriber)
      const thief = freshToken()
      await thieve(bench, thief)
      assert.equal((await store.inspect(key)).waiters, 2)
      await assertHolders([thief])
      await release(thief)
      await release(rival)
      assert.deepEqual(await subscriber.nextTokens(2), [rival, next])
    },

    async 'a thief deposes all who share a name, and has all of it'(bench) {
      const { store, key, longMs, subscribe, holder, assertHolders } = bench
      const subscriber = await subscribe()
      const readers = freshTokens(3)
      const share = { key, ttlMs: longMs, units: 1, capacity: ALL, subscriber: subscriber.id }
      for (const token of readers) inState(await store.acquire({ ...share, token }), 'granted')
      await thieve(bench, holder, { capacity: ALL })
      await assertHolders([holder])
      inState(await store.acquire({ ...share, token: freshToken() }), 'held')
      const losses = await subscriber.losses(readers.length)
      assert.deepEqual(losses.map(({ token }) => token).sort(), [...readers].sort())
    },

    async 'a thief of another capacity is a mismatch, and changes nothing'(bench) {
      const { take, holder, rival, assertHolder } = bench
      await take(holder)
      const reply = inState(await steal(bench, rival, { capacity: ALL }), 'mismatch')
      assert.equal(reply.capacity, 1)
      await assertHolder(holder)
    },
  },
}
