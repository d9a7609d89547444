/** Proves that an entry lasts for its TTL and then is gone, however it was stored. */
import assert from 'node:assert/strict'
import type { CacheRules } from './bench.ts'

const YEAR_MS = 365 * 86_400_000

export const expiry: CacheRules = {
  title: 'expiry of entries',
  rules: {
    async 'a written entry ends by itself'({ write, outlive, shortMs, assertMiss }) {
      await write({ ttlMs: shortMs })
      await outlive(shortMs)
      await assertMiss()
    },

    async 'the shortest entry ends by itself, too'({ write, outlive, assertMiss }) {
      await write({ ttlMs: 1 })
      await outlive(1)
      await assertMiss()
    },

    async 'a committed entry ends by itself'(bench) {
      const { elect, commit, outlive, loader, assertMiss } = bench
      await elect(loader)
      await commit(loader, { ttlMs: 1 })
      await outlive(1)
      await assertMiss()
    },

    async 'an entry lasts for its TTL'(bench) {
      const { write, read, outlive, stopwatch, shortMs } = bench
      const ttlMs = 5 * shortMs
      const { assertInTime } = stopwatch()
      const version = await write({ ttlMs })
      await outlive(2 * shortMs)
      const entry = await read()
      assertInTime(ttlMs)
      assert.equal(entry?.version, version)
    },

    async 'an entry may last for a year'({ store, key, write, read }) {
      const version = await write({ ttlMs: YEAR_MS })
      const entry = await read()
      await store.remove([key])
      assert.equal(entry?.version, version)
    },

    async 'a write re-sets the TTL'({ write, outlive, stopwatch, shortMs, assertEntry }) {
      const { assertInTime } = stopwatch()
      await write({ ttlMs: shortMs })
      const version = await write()
      assertInTime(shortMs)
      await outlive(shortMs)
      await assertEntry(version)
    },

    async 'a write sets a shorter TTL, too'({ write, outlive, assertMiss }) {
      await write()
      await write({ ttlMs: 1 })
      await outlive(1)
      await assertMiss()
    },

    async 'an ended entry is not counted by remove'({ store, key, write, outlive }) {
      await write({ ttlMs: 1 })
      await outlive(1)
      assert.equal(await store.remove([key]), 0)
    },
  },
}
