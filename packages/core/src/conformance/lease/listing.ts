/** Proves that a walk over the store finds every key that is held, and none that is not. */
import assert from 'node:assert/strict'
import { encodeName, storeKey, storeKeyPrefix } from '../../key.ts'
import { freshToken } from '../names.ts'
import { inState } from '../replies.ts'
import { walk } from '../walk.ts'
import { excludesNobody, type LeaseBench, type LeaseRules } from './bench.ts'

const MANY = 500

export const listing: LeaseRules = {
  title: 'list',
  unless: (bench) =>
    excludesNobody(bench) ?? (bench.store.list ? undefined : 'the store has no list()'),
  rules: {
    async 'what is held is listed, and nothing beside it'(bench) {
      const { prefix, keys } = await hold(bench, ['a', 'b:c', 'a', 'ä'])
      if (bench.store.leave) await queueUp(bench, keys[0] ?? '')
      assert.deepEqual(await listed(bench, prefix), keys)
    },

    async 'a name that was released is not listed'(bench) {
      const { prefix, keys, token } = await hold(bench, ['a', 'b'])
      const [freed = '', held] = keys
      await bench.store.release({ key: freed, token })
      assert.deepEqual(await listed(bench, prefix), [held])
    },

    async 'a name whose lease has ended is not listed'(bench) {
      const { prefix } = await hold(bench, ['a'], 1)
      await bench.outlive(1 + bench.slackMs)
      assert.deepEqual(await listed(bench, prefix), [])
    },

    async 'a prefix lists its own names only'(bench) {
      const one = await hold(bench, ['a'])
      const other = await hold(bench, ['a'])
      assert.deepEqual(await listed(bench, one.prefix), one.keys)
      assert.deepEqual(await listed(bench, `${other.prefix}{a`), other.keys)
      assert.deepEqual(await listed(bench, `${other.prefix}{b`), [])
    },

    async 'a prefix is no pattern'(bench) {
      const { prefix } = await hold(bench, ['a'])
      for (const pattern of ['*', '?a', '[^b]a', '%', '_']) {
        assert.deepEqual(await listed(bench, prefix + pattern), [])
      }
    },

    async 'many names are all listed, over all pages'(bench) {
      const names = Array.from({ length: MANY }, (_, i) => `name-${i}`)
      const { prefix, keys } = await hold(bench, names)
      assert.deepEqual(await listed(bench, prefix), keys)
    },
  },
}

/** Holds names under a prefix that nobody has used; answers their keys in order. */
async function hold({ store, longMs }: LeaseBench, names: readonly string[], ttlMs = longMs) {
  const token = freshToken()
  const prefix = `list-${freshToken()}`
  const keys = [...new Set(names)].map((name) => storeKey(prefix, 'l', encodeName(name)))
  const granted = await Promise.all(keys.map((key) => store.acquire({ key, token, ttlMs })))
  for (const reply of granted) inState(reply, 'granted')
  return { prefix: storeKeyPrefix(prefix, 'l'), keys: keys.sort(), token }
}

/** With somebody in the queue a store may keep more than one key for a name. */
async function queueUp({ store, longMs, subscribe }: LeaseBench, key: string): Promise<void> {
  const waiter = { subscriber: (await subscribe()).id, grantMs: longMs }
  const request = { key, token: freshToken(), ttlMs: longMs, waiter }
  inState(await store.acquire(request), 'held')
}

const listed = ({ store }: LeaseBench, prefix: string) => walk(store, store.list, prefix)
