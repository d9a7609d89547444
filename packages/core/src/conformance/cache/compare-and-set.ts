/** Proves that a value is stored over the version expected and over no other, "none" included. */
import assert from 'node:assert/strict'
import { freshToken, freshTokens } from '../names.ts'
import { inState, tally } from '../replies.ts'
import { assertBytes, bytes, type CacheBench, type CacheRules } from './bench.ts'

const RIVALS = 50

export const compareAndSet: CacheRules = {
  title: 'compare and set',
  rules: {
    async 'it stores over the version expected'(bench) {
      const { write, read } = bench
      const expected = await write()
      const token = freshToken()
      inState(await swap(bench, token, expected), 'written')
      const entry = await read()
      assert.equal(entry?.version, token)
      assertBytes(entry?.data, bytes(token))
    },

    async 'it stores where no entry is expected and none is'(bench) {
      const token = freshToken()
      inState(await swap(bench, token, undefined), 'written')
      await bench.assertEntry(token)
    },

    async 'another version is a conflict, told and left alone'(bench) {
      const { write, assertEntry } = bench
      const before = await write()
      const version = await write()
      const reply = inState(await swap(bench, freshToken(), before), 'conflict')
      assert.equal(reply.version, version)
      await assertEntry(version)
    },

    async 'no entry where one is expected is a conflict'(bench) {
      const { store, key, write, assertMiss } = bench
      const version = await write()
      await store.remove([key])
      const reply = inState(await swap(bench, freshToken(), version), 'conflict')
      assert.equal(reply.version, undefined)
      await assertMiss()
    },

    async 'an entry where none is expected is a conflict'(bench) {
      const { write, assertEntry } = bench
      const version = await write()
      const reply = inState(await swap(bench, freshToken(), undefined), 'conflict')
      assert.equal(reply.version, version)
      await assertEntry(version)
    },

    async 'an entry that has ended is none'(bench) {
      const { write, outlive, rival, assertEntry } = bench
      const version = await write({ ttlMs: 1 })
      await outlive(1)
      inState(await swap(bench, freshToken(), version), 'conflict')
      inState(await swap(bench, rival, undefined), 'written')
      await assertEntry(rival)
    },

    async 'the same bytes written again are not the version expected'(bench) {
      const { write, assertEntry } = bench
      const first = await write({ data: bytes('a') })
      await write({ data: bytes('b') })
      const third = await write({ data: bytes('a') })
      inState(await swap(bench, freshToken(), first), 'conflict')
      await assertEntry(third)
    },

    async 'it goes on from the version that it set'(bench) {
      const [first, second] = freshTokens(2) as [string, string]
      await swap(bench, first, undefined)
      inState(await swap(bench, second, first), 'written')
      await bench.assertEntry(second)
    },

    async 'a value stored by comparison ends by itself'(bench) {
      const { write, outlive, assertMiss } = bench
      const expected = await write()
      inState(await swap(bench, freshToken(), expected, { ttlMs: 1 }), 'written')
      await outlive(1)
      await assertMiss()
    },

    async 'it voids the load'(bench) {
      const { elect, commit, loader, assertEntry } = bench
      await elect(loader)
      const token = freshToken()
      inState(await swap(bench, token, undefined), 'written')
      assert.equal(await commit(loader), false)
      await assertEntry(token)
    },

    async 'a conflict leaves the load alone'(bench) {
      const { write, elect, commit, loader, assertEntry } = bench
      await elect(loader, { seen: await write() })
      inState(await swap(bench, freshToken(), undefined), 'conflict')
      assert.equal(await commit(loader), true)
      await assertEntry(loader)
    },

    async 'repeated while its entry is there it changes nothing'(bench) {
      const { write, elect, commit, loader, assertEntry } = bench
      const expected = await write()
      const token = freshToken()
      inState(await swap(bench, token, expected), 'written')
      await elect(loader, { seen: token })
      inState(await swap(bench, token, expected), 'written')
      await assertEntry(token)
      assert.equal(await commit(loader), true)
    },

    async 'repeated after the next write it is a conflict'(bench) {
      const { write, assertEntry } = bench
      const token = freshToken()
      inState(await swap(bench, token, undefined), 'written')
      const version = await write()
      inState(await swap(bench, token, undefined), 'conflict')
      await assertEntry(version)
    },

    async 'one of 50 rivals stores'(bench) {
      const expected = await bench.write()
      const tokens = freshTokens(RIVALS)
      const replies = await Promise.all(tokens.map((token) => swap(bench, token, expected)))
      assert.deepEqual(tally(replies), { written: 1, conflict: RIVALS - 1 })
      const winner = tokens[replies.findIndex(({ state }) => state === 'written')] ?? ''
      await bench.assertEntry(winner)
      const told = new Set(replies.map((reply) => reply.state !== 'late' && reply.version))
      assert.deepEqual(told, new Set([winner]))
    },
  },
}

const swap = (
  { store, key, longMs }: CacheBench,
  token: string,
  expected: string | undefined,
  { ttlMs = longMs } = {},
) => store.compareAndSet({ key, token, data: bytes(token), ttlMs, expected })
