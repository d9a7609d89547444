/** Proves that a lease that has ended goes to the first waiter, by whatever the store is asked next. */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { inState } from '../replies.ts'
import { hasNoQueue, type LeaseBench, type LeaseRules } from './bench.ts'

export const queueBehindEnded: LeaseRules = {
  title: 'the queue behind an ended lease',
  unless: hasNoQueue,
  rules: {
    async 'an ended lease goes to the first waiter when a stranger asks'(bench) {
      const { acquire, rival, assertHolders } = bench
      const subscriber = await behindEnded(bench, [rival])
      inState(await acquire(freshToken()), 'held')
      await assertHolders([rival])
      assert.deepEqual(await subscriber.nextTokens(1), [rival])
    },

    async 'an ended lease goes to the first waiter when its old holder releases'(bench) {
      const { release, holder, rival, assertHolders } = bench
      const subscriber = await behindEnded(bench, [rival])
      inState(await release(holder), 'taken')
      await assertHolders([rival])
      assert.deepEqual(await subscriber.nextTokens(1), [rival])
    },

    async 'an ended lease goes to the first waiter when a later one asks'(bench) {
      const { enqueue, rival, assertHolders } = bench
      const later = freshToken()
      const subscriber = await behindEnded(bench, [rival, later])
      inState(await enqueue(later, subscriber), 'held')
      await assertHolders([rival])
      assert.deepEqual(await subscriber.nextTokens(1), [rival])
    },

    async 'the first waiter that asks when the lease has ended is told by the reply alone'(bench) {
      const { enqueue, rival, assertHolders } = bench
      const subscriber = await behindEnded(bench, [rival])
      inState(await enqueue(rival, subscriber), 'granted')
      await assertHolders([rival])
      assert.deepEqual(await subscriber.heard(), [])
    },
  },
}

/** These wait, in this order, for a lease of the holder that has ended by now. */
async function behindEnded(
  { subscribe, take, enqueue, outlive, stopwatch, holder, shortMs }: LeaseBench,
  tokens: readonly string[],
) {
  const subscriber = await subscribe()
  const { assertInTime } = stopwatch()
  const { remainingMs } = await take(holder, shortMs)
  const replies = []
  for (const token of tokens) replies.push(await enqueue(token, subscriber))
  assertInTime(shortMs)
  for (const reply of replies) inState(reply, 'held')
  await outlive(remainingMs)
  return subscriber
}
