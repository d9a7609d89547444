/** Proves that a name of some capacity is shared as far as the units go, and no further. */
import assert from 'node:assert/strict'
import type { AcquireRequest } from '../../contract/lease-store.ts'
import { freshToken, freshTokens } from '../names.ts'
import { assertRemaining, inState } from '../replies.ts'
import { hasNoQueue, type LeaseBench, type LeaseRules } from './bench.ts'

/** As many readers as may be, or one writer. */
const ALL = 2 ** 31

export const units: LeaseRules = {
  title: 'units and capacity',
  unless: hasNoQueue,
  rules: {
    async 'as many hold a name as its capacity says'(bench) {
      const tokens = freshTokens(3)
      for (const token of tokens) inState(await share(bench, token), 'granted')
      inState(await share(bench, freshToken()), 'held')
      await bench.assertHolders(tokens)
      assert.equal((await bench.store.inspect(bench.key)).capacity, 3)
    },

    async 'a release makes room for its units only'(bench) {
      const [first = '', second = ''] = freshTokens(2)
      inState(await share(bench, first, { units: 2 }), 'granted')
      inState(await share(bench, second), 'granted')
      await bench.release(second)
      inState(await share(bench, freshToken(), { units: 2 }), 'held')
      inState(await share(bench, freshToken(), { units: 1 }), 'granted')
    },

    async 'whoever takes several units needs them all'(bench) {
      inState(await share(bench, bench.holder, { units: 2 }), 'granted')
      inState(await share(bench, bench.rival, { units: 2 }), 'held')
      inState(await share(bench, bench.rival, { units: 1 }), 'granted')
      const { holders } = await bench.store.inspect(bench.key)
      const shown = holders.map((holder) => [holder.token, holder.units])
      assert.deepEqual(shown, [
        [bench.holder, 2],
        [bench.rival, 1],
      ])
    },

    async 'a writer keeps out readers, and readers a writer'(bench) {
      const { holder, rival, release } = bench
      inState(await share(bench, holder, { units: ALL, capacity: ALL }), 'granted')
      inState(await share(bench, rival, { capacity: ALL }), 'held')
      await release(holder)
      for (const token of freshTokens(5)) {
        inState(await share(bench, token, { capacity: ALL }), 'granted')
      }
      inState(await share(bench, holder, { units: ALL, capacity: ALL }), 'held')
    },

    async 'a hand-over keeps the units'(bench) {
      const { store, key, holder, rival, longMs } = bench
      const [other = '', third = ''] = freshTokens(2)
      inState(await share(bench, holder, { units: 2 }), 'granted')
      inState(await share(bench, other), 'granted')
      const request = { key, token: holder, ttlMs: longMs, newToken: rival }
      inState(await store.extend(request), 'extended')
      await bench.assertHolders([rival, other])
      inState(await share(bench, third), 'held')
    },

    async 'a repeated acquire takes no more units'(bench) {
      for (let round = 0; round < 4; round++) {
        inState(await share(bench, bench.holder, { units: 2 }), 'granted')
      }
      inState(await share(bench, bench.rival, { units: 1 }), 'granted')
    },

    async 'another capacity is a mismatch while the name is in use'(bench) {
      const { acquire, release, holder, rival, assertHolders } = bench
      inState(await share(bench, holder), 'granted')
      const reply = inState(await share(bench, rival, { capacity: 4 }), 'mismatch')
      assert.equal(reply.capacity, 3)
      assert.equal(inState(await acquire(rival), 'mismatch').capacity, 3)
      await assertHolders([holder])
      await release(holder)
      inState(await share(bench, rival, { capacity: 4 }), 'granted')
    },

    async 'a waiter of another capacity is not queued'(bench) {
      const { subscribe, take, enqueue, release, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      await take(holder)
      inState(await enqueue(rival, subscriber, { capacity: 3 }), 'mismatch')
      await release(holder)
      await assertHolders([])
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'each holder’s lease ends by itself, and its units are free'(bench) {
      const { outlive, holder, rival, assertHolders } = bench
      inState(await share(bench, holder, { units: 2 }), 'granted')
      const { remainingMs } = await takeShare(bench, rival, { ttlMs: 1 })
      await outlive(remainingMs)
      await assertHolders([holder])
      inState(await share(bench, freshToken()), 'granted')
    },

    async 'whoever is refused learns the first end of several'(bench) {
      const { longMs, slackMs } = bench
      const [long = '', short = ''] = freshTokens(2)
      inState(await share(bench, long, { units: 2, ttlMs: 3 * longMs }), 'granted')
      inState(await share(bench, short), 'granted')
      const { remainingMs } = inState(await share(bench, freshToken()), 'held')
      assertRemaining(remainingMs, longMs + slackMs)
    },

    async 'a release grants all at the head that fit, and none behind'(bench) {
      const { subscribe, wait, release, holder, assertHolders } = bench
      const subscriber = await subscribe()
      inState(await share(bench, holder, { units: 3 }), 'granted')
      const [one = '', two = '', large = '', behind = ''] = freshTokens(4)
      for (const token of [one, two]) await wait(token, subscriber, { units: 1, capacity: 3 })
      await wait(large, subscriber, { units: 2, capacity: 3 })
      await wait(behind, subscriber, { units: 1, capacity: 3 })
      await release(holder)
      await assertHolders([one, two])
      const told = (await subscriber.heard()).map(({ token }) => token)
      assert.deepEqual(told, [one, two])
    },

    async 'whoever needs less does not overtake the queue'(bench) {
      const { subscribe, wait, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      inState(await share(bench, holder, { units: 2 }), 'granted')
      await wait(rival, subscriber, { units: 2, capacity: 3 })
      inState(await share(bench, freshToken(), { units: 1 }), 'held')
      await wait(freshToken(), subscriber, { units: 1, capacity: 3 })
      await assertHolders([holder])
      assert.deepEqual(await subscriber.heard(), [])
    },

    async 'leaving the head of the queue serves those it kept waiting'(bench) {
      const { subscribe, wait, leave, holder, rival, assertHolders } = bench
      const subscriber = await subscribe()
      const small = freshToken()
      inState(await share(bench, holder, { units: 2 }), 'granted')
      await wait(rival, subscriber, { units: 2, capacity: 3 })
      await wait(small, subscriber, { units: 1, capacity: 3 })
      assert.equal(await leave(rival), 'left')
      await assertHolders([holder, small])
      assert.deepEqual(await subscriber.nextTokens(1), [small])
    },

    async 'units that ended go to the first waiter when a holder asks again'(bench) {
      const { subscribe, enqueue, outlive, stopwatch, holder, rival, shortMs } = bench
      const subscriber = await subscribe()
      const { assertInTime } = stopwatch()
      const ended = freshToken()
      inState(await share(bench, holder, { units: 2 }), 'granted')
      const { remainingMs } = await takeShare(bench, ended, { ttlMs: shortMs })
      const reply = await enqueue(rival, subscriber, { units: 1, capacity: 3 })
      assertInTime(shortMs)
      inState(reply, 'held')
      await outlive(remainingMs)
      inState(await share(bench, holder, { units: 2 }), 'granted')
      await bench.assertHolders([holder, rival])
      assert.deepEqual(await subscriber.nextTokens(1), [rival])
    },
  },
}

/** An acquire of one unit of three, or as `details` say. */
const share = (
  { store, key, longMs }: LeaseBench,
  token: string,
  details: Partial<AcquireRequest> = {},
) => store.acquire({ key, token, ttlMs: longMs, units: 1, capacity: 3, ...details })

/** One that must be granted. No rule waits for a TTL that was not asked for. */
async function takeShare(bench: LeaseBench, token: string, details: { readonly ttlMs: number }) {
  const reply = inState(await share(bench, token, details), 'granted')
  assertRemaining(reply.remainingMs, details.ttlMs + bench.slackMs)
  return reply
}
