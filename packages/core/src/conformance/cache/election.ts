/** Proves that one load per entry is elected, and that whoever asks is told what there is to know. */
import assert from 'node:assert/strict'
import { freshKey, freshToken } from '../names.ts'
import { assertRemaining, inState } from '../replies.ts'
import { assertBytes, bytes, type CacheRules } from './bench.ts'

export const election: CacheRules = {
  title: 'election',
  rules: {
    async 'the first to miss loads'({ elect, loader }) {
      assert.equal((await elect(loader)).vanished, false)
    },

    async 'the second learns who loads, and for how long at most'(bench) {
      const { elect, lease, loader, rival, longMs, slackMs } = bench
      await elect(loader, { leaseMs: longMs })
      const reply = inState(await lease(rival, { leaseMs: 3 * longMs }), 'lost')
      assert.deepEqual([reply.holder, reply.vanished], [loader, false])
      assertRemaining(reply.remainingMs, longMs + slackMs)
    },

    async 'the loader that asks again has won again'({ elect, loader, assertLoader }) {
      for (let round = 0; round < 3; round++) await elect(loader)
      await assertLoader(loader)
    },

    async 'the loader that asks again re-sets the end of its lease'(bench) {
      const { elect, outlive, stopwatch, loader, shortMs, assertLoader } = bench
      const { assertInTime } = stopwatch()
      await elect(loader, { leaseMs: shortMs })
      await elect(loader)
      assertInTime(shortMs)
      await outlive(shortMs)
      await assertLoader(loader)
    },

    async 'who missed gets the value that is there by now'({ write, lease, loader }) {
      const version = await write({ data: bytes('there') })
      const { entry } = inState(await lease(loader), 'fresh')
      assert.equal(entry.version, version)
      assertBytes(entry.data, bytes('there'))
    },

    async 'who saw an older version gets the newer value'({ write, lease, loader }) {
      const seen = await write()
      const version = await write({ data: bytes('newer') })
      const { entry } = inState(await lease(loader, { seen }), 'fresh')
      assert.equal(entry.version, version)
      assertBytes(entry.data, bytes('newer'))
    },

    async 'a newer value is told while somebody loads, too'({ write, elect, lease, ...bench }) {
      const seen = await write()
      await elect(bench.loader, { seen })
      const { entry } = inState(await lease(bench.rival), 'fresh')
      assert.equal(entry.version, seen)
    },

    async 'who saw the current version loads the next, and the entry stays'(bench) {
      const { write, elect, loader, assertLoader, assertEntry } = bench
      const seen = await write()
      assert.equal((await elect(loader, { seen })).vanished, false)
      await assertLoader(loader, { seen })
      await assertEntry(seen)
    },

    async 'who saw an entry that is gone is told that it vanished'(bench) {
      const { store, key, write, elect, lease, loader, rival } = bench
      const seen = await write()
      await store.remove([key])
      assert.equal((await elect(loader, { seen })).vanished, true)
      assert.equal(inState(await lease(rival, { seen }), 'lost').vanished, true)
    },

    async 'an entry that has ended has vanished'({ write, elect, outlive, loader }) {
      const seen = await write({ ttlMs: 1 })
      await outlive(1)
      assert.equal((await elect(loader, { seen })).vanished, true)
    },

    async 'a load of one key does not keep another from loading'({ store, elect, ...bench }) {
      await elect(bench.loader)
      const other = { key: freshKey('c'), token: freshToken(), leaseMs: bench.shortMs }
      inState(await store.lease(other), 'won')
    },
  },
}
