/** Proves that read and remove take any number of keys, and answer for each. */
import assert from 'node:assert/strict'
import type { CacheStore } from '../../contract/cache-store.ts'
import { freshKey, freshToken } from '../names.ts'
import { bytes, type CacheRules } from './bench.ts'

export const batch: CacheRules = {
  title: 'many keys',
  rules: {
    async 'read answers in the order of the keys, misses included'({ store, longMs }) {
      const a = await written(store, longMs)
      const b = await written(store, longMs)
      const entries = await store.read([freshKey('c'), b.key, freshKey('c'), a.key, b.key])
      const versions = entries.map((entry) => entry?.version)
      assert.deepEqual(versions, [undefined, b.token, undefined, a.token, b.token])
    },

    async 'read of no keys answers nothing'({ store }) {
      assert.deepEqual(await store.read([]), [])
    },

    async 'remove counts the entries that were there'({ store, longMs }) {
      const a = await written(store, longMs)
      const b = await written(store, longMs)
      const keys = [a.key, freshKey('c'), b.key]
      assert.equal(await store.remove(keys), 2)
      assert.deepEqual(await store.read(keys), [undefined, undefined, undefined])
      assert.equal(await store.remove(keys), 0)
    },

    async 'remove of no keys removes nothing'({ store }) {
      assert.equal(await store.remove([]), 0)
    },

    async 'remove leaves other entries alone'({ store, longMs, write, assertEntry }) {
      const version = await write()
      const other = await written(store, longMs)
      await store.remove([other.key])
      await assertEntry(version)
    },
  },
}

async function written(store: CacheStore, ttlMs: number) {
  const entry = { key: freshKey('c'), token: freshToken(), data: bytes('value'), ttlMs }
  await store.write(entry)
  return entry
}
