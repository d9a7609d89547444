/** Proves that a load's lease ends by itself, can be renewed by the loader alone, and never revives. */
import assert from 'node:assert/strict'
import { inState } from '../replies.ts'
import type { CacheRules } from './bench.ts'

export const loadLease: CacheRules = {
  title: 'lease of a load',
  rules: {
    async 'a lease ends by itself, and the next one loads'(bench) {
      const { elect, outlive, loader, rival, shortMs } = bench
      await elect(loader, { leaseMs: shortMs })
      await outlive(shortMs)
      await elect(rival)
    },

    async 'the shortest lease ends by itself, too'({ lapse, elect, loader, rival }) {
      await lapse(loader)
      await elect(rival)
    },

    async 'a lease lasts for its time'(bench) {
      const { elect, lease, outlive, stopwatch, loader, rival, shortMs } = bench
      const leaseMs = 5 * shortMs
      const { assertInTime } = stopwatch()
      await elect(loader, { leaseMs })
      await outlive(2 * shortMs)
      const reply = await lease(rival)
      assertInTime(leaseMs)
      inState(reply, 'lost')
    },

    async 'whoever is refused does not prolong the lease'(bench) {
      const { elect, lease, outlive, stopwatch, loader, rival, shortMs } = bench
      const { assertInTime } = stopwatch()
      await elect(loader, { leaseMs: shortMs })
      const reply = await lease(rival)
      assertInTime(shortMs)
      inState(reply, 'lost')
      await outlive(shortMs)
      await elect(rival)
    },

    async 'the loader renews its lease'({ store, key, elect, outlive, stopwatch, ...bench }) {
      const { loader, shortMs, longMs, assertLoader } = bench
      const { assertInTime } = stopwatch()
      await elect(loader, { leaseMs: shortMs })
      const renewed = await store.renew(key, loader, longMs)
      assertInTime(shortMs)
      assert.equal(renewed, true)
      await outlive(shortMs)
      await assertLoader(loader)
    },

    async 'a renewal sets a shorter time, too'({ store, key, elect, outlive, ...bench }) {
      await elect(bench.loader)
      assert.equal(await store.renew(key, bench.loader, 1), true)
      await outlive(1)
      await elect(bench.rival)
    },

    async 'another token cannot renew'({ store, key, elect, outlive, loader, ...bench }) {
      await elect(loader)
      assert.equal(await store.renew(key, bench.rival, 1), false)
      await outlive(1)
      await bench.assertLoader(loader)
    },

    async 'what nobody loads cannot be renewed'({ store, key, elect, loader, rival, longMs }) {
      assert.equal(await store.renew(key, loader, longMs), false)
      await elect(rival)
    },

    async 'an ended lease cannot be renewed'({ store, key, lapse, elect, loader, ...bench }) {
      await lapse(loader)
      assert.equal(await store.renew(key, loader, bench.longMs), false)
      await elect(bench.rival)
    },

    async 'an ended lease cannot renew the one of its successor'(bench) {
      const { store, key, lapse, elect, outlive, loader, rival, assertLoader } = bench
      await lapse(loader)
      await elect(rival)
      assert.equal(await store.renew(key, loader, 1), false)
      await outlive(1)
      await assertLoader(rival)
    },

    async 'a renewal leaves the entry as it is'(bench) {
      const { store, key, write, elect, outlive, stopwatch, loader, shortMs, longMs } = bench
      // A load may stand on the entry that it replaces, and end with it.
      const { assertInTime } = stopwatch()
      const seen = await write({ ttlMs: shortMs })
      await elect(loader, { seen })
      const renewed = await store.renew(key, loader, longMs)
      assertInTime(shortMs)
      assert.equal(renewed, true)
      await outlive(shortMs)
      await bench.assertMiss()
    },
  },
}
