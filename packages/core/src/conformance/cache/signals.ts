/** Proves that what becomes of a load is told to those who may wait for it, and only to them. */
import assert from 'node:assert/strict'
import { storeKeyPrefix } from '../../key.ts'
import { freshToken } from '../names.ts'
import { inState } from '../replies.ts'
import type { CacheBench, CacheRules } from './bench.ts'

const REASON = 'the loader said: "no route – „weg“ 💥"\n{1} %d'

export const signals: CacheRules = {
  title: 'signals',
  unless: ({ store }) => (store.onSignal ? undefined : 'the store tells no signals'),
  rules: {
    async 'a commit is told when somebody waits'(bench) {
      const ear = await bench.listen()
      await loadAwaited(bench)
      await bench.commit(bench.loader)
      assert.deepEqual(await ear.heard(), [{ type: 'filled', token: bench.loader }])
    },

    async 'a commit that nobody waits for is not told'({ listen, elect, commit, loader }) {
      const ear = await listen()
      await elect(loader)
      await commit(loader)
      assert.deepEqual(await ear.heard(), [])
    },

    async 'a refused commit is not told'(bench) {
      const ear = await bench.listen()
      await loadAwaited(bench)
      assert.equal(await bench.commit(bench.rival), false)
      assert.deepEqual(await ear.heard(), [])
    },

    async 'a failure is told with its reason when somebody waits'(bench) {
      const { store, key, listen, loader, longMs } = bench
      const ear = await listen()
      await loadAwaited(bench)
      await store.fail(key, loader, REASON, longMs)
      assert.deepEqual(await ear.heard(), [{ type: 'failed', token: loader, reason: REASON }])
    },

    async 'a failure that nobody waits for is not told'(bench) {
      const { store, key, listen, elect, loader, longMs } = bench
      const ear = await listen()
      await elect(loader)
      await store.fail(key, loader, REASON, longMs)
      assert.deepEqual(await ear.heard(), [])
    },

    async 'of a failure that nobody waits for nothing is left'(bench) {
      const { store, key, elect, loader, rival, longMs } = bench
      await elect(loader)
      await store.fail(key, loader, REASON, longMs)
      await elect(rival, { awaited: loader })
    },

    async 'a write tells that it voided the load'({ listen, elect, write, loader }) {
      const ear = await listen()
      await elect(loader)
      await write()
      assert.deepEqual(await ear.heard(), [{ type: 'voided', token: loader }])
    },

    async 'a comparison that stores tells that it voided the load'(bench) {
      const { store, key, listen, elect, loader, rival, longMs } = bench
      const ear = await listen()
      await elect(loader)
      const request = { key, token: rival, data: new Uint8Array(), ttlMs: longMs }
      inState(await store.compareAndSet({ ...request, expected: loader }), 'conflict')
      inState(await store.compareAndSet({ ...request, expected: undefined }), 'written')
      assert.deepEqual(await ear.heard(), [{ type: 'voided', token: loader }])
    },

    async 'a remove tells that it voided the load'({ store, key, listen, elect, loader }) {
      const ear = await listen()
      await elect(loader)
      await store.remove([key])
      assert.deepEqual(await ear.heard(), [{ type: 'voided', token: loader }])
    },

    async 'a write and a remove with no load to void tell nothing'(bench) {
      const { store, key, listen, write } = bench
      const ear = await listen()
      await write()
      await write()
      await store.remove([key])
      assert.deepEqual(await ear.heard(), [])
    },

    async 'every change that is to be announced is told, whoever waits'(bench) {
      const { store, key, listen, elect, loader, rival, longMs } = bench
      const change = { key, data: new Uint8Array(), ttlMs: longMs, announce: true }
      const ear = await listen()
      await elect(loader)
      assert.equal(await store.commit({ ...change, token: loader }), true)
      inState(await store.write({ ...change, token: rival }), 'written')
      const token = freshToken()
      inState(await store.compareAndSet({ ...change, token, expected: rival }), 'written')
      await store.remove([key], { announce: true })
      assert.deepEqual(await ear.heard(), Array(4).fill({ type: 'changed' }))
    },

    async 'what changed nothing announces nothing'(bench) {
      const { store, key, listen, loader, rival, longMs } = bench
      const change = { key, data: new Uint8Array(), ttlMs: longMs, announce: true }
      const ear = await listen()
      assert.equal(await store.commit({ ...change, token: loader }), false)
      const request = { ...change, token: loader, expected: rival }
      inState(await store.compareAndSet(request), 'conflict')
      assert.deepEqual(await ear.heard(), [])
    },

    async 'other prefixes are not told'(bench) {
      const { store, key, listen, elect, loader } = bench
      const others = [
        await listen(storeKeyPrefix(`conformance-${freshToken()}`, 'c')),
        await listen(storeKeyPrefix('conformance', 'l')),
      ]
      await elect(loader)
      await store.remove([key])
      for (const ear of others) assert.deepEqual(await ear.heard(), [])
    },

    async 'everybody who listens to a prefix is told'({ store, key, listen, elect, loader }) {
      const ears = [await listen(), await listen()]
      await elect(loader)
      await store.remove([key])
      for (const ear of ears)
        assert.deepEqual(await ear.heard(), [{ type: 'voided', token: loader }])
    },

    async 'a closed subscription is told nothing, the others go on'(bench) {
      const { store, key, listen, elect, loader } = bench
      const [closed, open] = [await listen(), await listen()]
      await closed.close()
      await elect(loader)
      await store.remove([key])
      assert.deepEqual(await open.heard(), [{ type: 'voided', token: loader }])
      assert.equal(closed.count, 0)
    },

    async 'a subscription to signals may be closed twice'({ listen }) {
      const ear = await listen()
      const other = await listen()
      await ear.close()
      await ear.close()
      assert.deepEqual(await other.heard(), [])
    },
  },
}

/** The loader loads, and the rival waits for it. */
async function loadAwaited({ elect, lease, loader, rival }: CacheBench): Promise<void> {
  await elect(loader)
  inState(await lease(rival), 'lost')
}
