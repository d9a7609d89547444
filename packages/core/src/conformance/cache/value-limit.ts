/** Proves that a value is either stored whole or refused: servers have dropped the old one instead. */
import assert from 'node:assert/strict'
import { assertBytes, type CacheBench, type CacheRules } from './bench.ts'

/** More than a test should send. */
const TRIED_MAX = 2 ** 23

export const valueLimit: CacheRules = {
  title: 'value limit',
  unless: ({ store }) =>
    store.facts.valueBytesMax > TRIED_MAX ? 'facts.valueBytesMax is above 8 MiB' : undefined,
  rules: {
    async 'the largest value is stored whole, a larger one is refused'(bench) {
      const { store, key, write, read, elect, commit, loader, longMs, assertEntry } = bench
      const data = filled(bench, 0)
      const version = await write({ data })
      assertBytes((await read())?.data, data)

      await assert.rejects(write({ data: filled(bench, 1) }))
      const larger = { key, token: loader, data: filled(bench, 1), ttlMs: longMs }
      await assert.rejects(store.compareAndSet({ ...larger, expected: version }))
      await assertEntry(version)

      await elect(loader, { seen: version })
      await assert.rejects(commit(loader, { data: filled(bench, 1) }))
      await assertEntry(version)
    },
  },
}

const filled = ({ store }: CacheBench, more: number): Uint8Array =>
  new Uint8Array(store.facts.valueBytesMax + more).fill(255)
