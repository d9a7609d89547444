/** Proves that what was written is what is read, bit by bit, and that each write can be told apart. */
import assert from 'node:assert/strict'
import { freshToken, similarKeys } from '../names.ts'
import { assertBytes, bytes, type CacheBench, type CacheRules } from './bench.ts'

const LARGE_BYTES = 100_000

export const readWrite: CacheRules = {
  title: 'read and write',
  rules: {
    async 'a key that nobody wrote is a miss'({ assertMiss }) {
      await assertMiss()
    },

    async 'a written value is read'(bench) {
      await assertRoundTrip(bench, bytes('value'))
    },

    async 'an empty value is a value'(bench) {
      await assertRoundTrip(bench, new Uint8Array())
    },

    async 'every byte value comes back as it was'(bench) {
      await assertRoundTrip(
        bench,
        Uint8Array.from({ length: 256 }, (_, i) => i),
      )
    },

    async 'a large value comes back as it was'(bench) {
      const length = Math.min(LARGE_BYTES, bench.store.facts.valueBytesMax)
      await assertRoundTrip(
        bench,
        Uint8Array.from({ length }, (_, i) => (i * i) % 251),
      )
    },

    async 'a write replaces the value'({ write, read }) {
      await write({ data: bytes('a longer one') })
      await write({ data: bytes('new') })
      assertBytes((await read())?.data, bytes('new'))
    },

    async 'the token of a write becomes the version'({ write, assertEntry }) {
      await assertEntry(await write())
    },

    async 'the same bytes written again are another version'({ write, assertEntry }) {
      const data = bytes('same')
      const first = await write({ data })
      const second = await write({ data })
      assert.notEqual(first, second)
      await assertEntry(second)
    },

    async 'similar and long keys are entries of their own'({ store, longMs }) {
      const keys = similarKeys('c')
      const tokens = keys.map(freshToken)
      const data = bytes('value')
      await Promise.all(
        keys.map((key, i) => store.write({ key, token: tokens[i] ?? '', data, ttlMs: longMs })),
      )
      const versions = (await store.read(keys)).map((entry) => entry?.version)
      assert.deepEqual(versions, tokens)
    },
  },
}

async function assertRoundTrip({ write, read }: CacheBench, data: Uint8Array): Promise<void> {
  await write({ data })
  const entry = await read()
  assert.ok(entry, 'a miss')
  assertBytes(entry.data, data)
}
