/** Proves that write and remove void the load that runs, so that no slow loader overwrites them. */
import assert from 'node:assert/strict'
import { inState } from '../replies.ts'
import type { CacheRules } from './bench.ts'

export const voiding: CacheRules = {
  title: 'write and remove',
  rules: {
    async 'a load that began before a remove cannot commit'(bench) {
      const { store, key, write, elect, commit, loader, assertMiss } = bench
      const seen = await write()
      await elect(loader, { seen })
      await store.remove([key])
      assert.equal(await commit(loader), false)
      await assertMiss()
    },

    async 'a load of a missing entry that began before a remove cannot commit'(bench) {
      const { store, key, elect, commit, loader, assertMiss } = bench
      await elect(loader)
      assert.equal(await store.remove([key]), 0)
      assert.equal(await commit(loader), false)
      await assertMiss()
    },

    async 'a load that began before a write cannot commit'(bench) {
      const { write, elect, commit, loader, assertEntry } = bench
      await elect(loader)
      const version = await write()
      assert.equal(await commit(loader), false)
      await assertEntry(version)
    },

    async 'a voided lease cannot be renewed'({ store, key, write, elect, loader, ...bench }) {
      await elect(loader)
      await store.remove([key])
      assert.equal(await store.renew(key, loader, bench.longMs), false)
      await elect(bench.rival)
      await write()
      assert.equal(await store.renew(key, bench.rival, bench.longMs), false)
    },

    async 'a remove voids the load, and the next one is elected'(bench) {
      const { store, key, elect, loader, rival } = bench
      await elect(loader)
      await store.remove([key])
      await elect(rival)
    },

    async 'a write voids the load, and the next one is elected'(bench) {
      const { write, elect, loader, rival } = bench
      await elect(loader)
      await elect(rival, { seen: await write() })
    },

    async 'a voided load cannot commit under the lease of its successor'(bench) {
      const { store, key, elect, commit, loader, rival, assertMiss, assertLoader } = bench
      await elect(loader)
      await store.remove([key])
      await elect(rival)
      assert.equal(await commit(loader), false)
      await assertMiss()
      await assertLoader(rival)
    },

    async 'a remove forgets the failure of the load'(bench) {
      const { store, key, elect, lease, loader, rival, longMs } = bench
      await elect(loader)
      inState(await lease(rival), 'lost')
      await store.fail(key, loader, 'no database', longMs)
      await store.remove([key])
      await elect(rival, { awaited: loader })
    },
  },
}
