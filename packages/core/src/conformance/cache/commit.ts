/** Proves that a loaded value is stored while the load's lease stands, and never after. */
import assert from 'node:assert/strict'
import { assertBytes, bytes, type CacheRules } from './bench.ts'

export const commit: CacheRules = {
  title: 'commit',
  rules: {
    async 'the loader stores its value under its token'({ elect, commit, read, loader }) {
      await elect(loader)
      assert.equal(await commit(loader, { data: bytes('loaded') }), true)
      const entry = await read()
      assert.equal(entry?.version, loader)
      assertBytes(entry?.data, bytes('loaded'))
    },

    async 'a commit replaces the version that the loader saw'(bench) {
      const { write, elect, commit, loader, assertEntry } = bench
      const seen = await write()
      await elect(loader, { seen })
      assert.equal(await commit(loader), true)
      await assertEntry(loader)
    },

    async 'a commit ends the lease'({ elect, commit, loader, rival }) {
      await elect(loader)
      await commit(loader)
      await elect(rival, { seen: loader })
    },

    async 'a second commit is refused'({ elect, commit, loader }) {
      await elect(loader)
      await commit(loader)
      assert.equal(await commit(loader), false)
    },

    async 'a commit without a lease is refused'({ commit, loader, assertMiss }) {
      assert.equal(await commit(loader), false)
      await assertMiss()
    },

    async 'a commit by another token is refused, and the load goes on'(bench) {
      const { elect, commit, loader, rival, assertMiss, assertLoader } = bench
      await elect(loader)
      assert.equal(await commit(rival), false)
      await assertMiss()
      await assertLoader(loader)
    },

    async 'a commit after the end of the lease is refused'(bench) {
      const { lapse, commit, loader, assertMiss } = bench
      await lapse(loader)
      assert.equal(await commit(loader), false)
      await assertMiss()
    },

    async 'a commit after the end of the lease leaves the successor alone'(bench) {
      const { lapse, elect, commit, loader, rival, assertMiss, assertLoader } = bench
      await lapse(loader)
      await elect(rival)
      assert.equal(await commit(loader), false)
      await assertMiss()
      await assertLoader(rival)
    },
  },
}
