/**
 * Proves that a command which reaches the store after its `notAfterMs` does nothing: a client may queue
 * while offline and send minutes later. Only a store with a clock of its own can tell.
 */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { inState, storeTimeOf } from '../replies.ts'
import { bytes, type CacheBench, type CacheRules } from './bench.ts'

export const lateness: CacheRules = {
  title: 'late commands',
  rules: {
    async 'a late write changes nothing'(bench) {
      const { store, write, loader, rival, elect, assertEntry, assertLoader } = bench
      const seen = await write()
      const notAfterMs = storeTimeOf(await elect(loader, { seen })) - 1
      const late = await store.write({ ...request(bench), token: rival, notAfterMs })
      assert.equal(late.state, 'late')
      await assertEntry(seen)
      await assertLoader(loader, { seen })
    },

    async 'a late comparison changes nothing'(bench) {
      const { store, write, loader, rival, elect, assertEntry, assertLoader } = bench
      const expected = await write()
      const notAfterMs = storeTimeOf(await elect(loader, { seen: expected })) - 1
      const late = { ...request(bench), token: rival, expected, notAfterMs }
      assert.equal((await store.compareAndSet(late)).state, 'late')
      await assertEntry(expected)
      await assertLoader(loader, { seen: expected })
    },

    async 'a late lease elects nobody'({ store, key, lease, elect, loader, rival, ...bench }) {
      const notAfterMs = storeTimeOf(await elect(loader)) - 1
      await store.remove([key])
      inState(await lease(rival, { notAfterMs }), 'late')
      assert.equal(await bench.commit(rival), false)
      await elect(freshToken())
    },

    async 'a late lease does not re-set its own end'(bench) {
      const { lease, elect, outlive, loader, rival, shortMs } = bench
      const notAfterMs = storeTimeOf(await elect(loader, { leaseMs: shortMs })) - 1
      inState(await lease(loader, { notAfterMs }), 'late')
      await outlive(shortMs)
      await elect(rival)
    },

    async 'a command in time is carried out'(bench) {
      const { store, longMs, elect, loader, rival, assertEntry } = bench
      const notAfterMs = storeTimeOf(await elect(loader)) + longMs
      await elect(loader, { notAfterMs })
      inState(await store.write({ ...request(bench), notAfterMs }), 'written')
      await assertEntry(request(bench).token)
      const next = { ...request(bench), token: rival, expected: loader, notAfterMs }
      inState(await store.compareAndSet(next), 'written')
      await assertEntry(rival)
    },
  },
}

const request = ({ key, loader, longMs }: CacheBench) => ({
  key,
  token: loader,
  data: bytes('late'),
  ttlMs: longMs,
})
