/** Proves that a walk over the store finds every entry and every load, and nothing beside them. */
import assert from 'node:assert/strict'
import { encodeName, storeKey, storeKeyPrefix } from '../../key.ts'
import { freshToken } from '../names.ts'
import { inState } from '../replies.ts'
import { walk } from '../walk.ts'
import { bytes, type CacheBench, type CacheRules } from './bench.ts'

const MANY = 500

export const entryListing: CacheRules = {
  title: 'list of entries',
  unless: ({ store }) => (store.listEntries ? undefined : 'the store has no listEntries()'),
  rules: {
    async 'entries are listed, and nothing beside them'(bench) {
      const { prefix, keys } = await fill(bench, ['a', 'b:c', 'ä'])
      assert.deepEqual(await listed(bench, prefix), keys)
    },

    async 'a key whose load is under way is listed, with an entry or without'(bench) {
      const { prefix, keys } = await fill(bench, ['a'])
      const [loaded = ''] = keys
      const missing = `${prefix}{b}`
      const request = { token: freshToken(), leaseMs: bench.longMs }
      const seen = (await bench.store.read([loaded]))[0]?.version ?? ''
      inState(await bench.store.lease({ ...request, key: loaded, seen }), 'won')
      inState(await bench.store.lease({ ...request, key: missing }), 'won')
      assert.deepEqual(await listed(bench, prefix), [loaded, missing])
    },

    async 'what was removed is not listed'(bench) {
      const { prefix, keys } = await fill(bench, ['a', 'b'])
      const [removed = '', kept] = keys
      await bench.store.remove([removed])
      assert.deepEqual(await listed(bench, prefix), [kept])
    },

    async 'what has ended is not listed'(bench) {
      const { prefix } = await fill(bench, ['a'], 1)
      await bench.outlive(1)
      assert.deepEqual(await listed(bench, prefix), [])
    },

    async 'a prefix lists its own entries only, and is no pattern'(bench) {
      const { prefix, keys } = await fill(bench, ['a', 'b'])
      await fill(bench, ['a'])
      assert.deepEqual(await listed(bench, `${prefix}{a`), keys.slice(0, 1))
      for (const pattern of ['*', '?a', '[^b]a', '%', '_']) {
        assert.deepEqual(await listed(bench, prefix + pattern), [])
      }
    },

    async 'many entries are all listed, over all pages'(bench) {
      const names = Array.from({ length: MANY }, (_, i) => `name-${i}`)
      const { prefix, keys } = await fill(bench, names)
      assert.deepEqual(await listed(bench, prefix), keys)
    },
  },
}

/** Stores values under a prefix that nobody has used; answers their keys in order. */
async function fill({ store, longMs }: CacheBench, names: readonly string[], ttlMs = longMs) {
  const token = freshToken()
  const prefix = `list-${freshToken()}`
  const keys = names.map((name) => storeKey(prefix, 'c', encodeName(name)))
  const value = { token, data: bytes('value'), ttlMs }
  await Promise.all(keys.map((key) => store.write({ ...value, key })))
  return { prefix: storeKeyPrefix(prefix, 'c'), keys: keys.sort() }
}

const listed = ({ store }: CacheBench, prefix: string) => walk(store, store.listEntries, prefix)
