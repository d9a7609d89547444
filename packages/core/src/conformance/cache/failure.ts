/** Proves that a failed load frees the entry, and that its reason reaches those who waited, only them. */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { inState } from '../replies.ts'
import type { CacheBench, CacheRules } from './bench.ts'

const REASON = 'the loader said: "no"\n{1}'

export const failure: CacheRules = {
  title: 'failure of a load',
  rules: {
    async 'those who wait are told the reason'(bench) {
      const { lease, loader, rival } = bench
      await failAwaited(bench)
      for (const token of [rival, freshToken()]) {
        const reply = inState(await lease(token, { awaited: loader }), 'failed')
        assert.equal(reply.reason, REASON)
      }
    },

    async 'a newcomer loads at once'(bench) {
      await failAwaited(bench)
      await bench.elect(freshToken())
    },

    async 'who waits for another load is not told'(bench) {
      await failAwaited(bench)
      await bench.elect(bench.rival, { awaited: freshToken() })
    },

    async 'the load of a newcomer does not hide the reason from those who wait'(bench) {
      await failAwaited(bench)
      await bench.elect(freshToken())
      inState(await bench.lease(bench.rival, { awaited: bench.loader }), 'failed')
    },

    async 'the reason is kept for its time only'(bench) {
      await failAwaited(bench, 1)
      await bench.outlive(1)
      await bench.elect(bench.rival, { awaited: bench.loader })
    },

    async 'a value that came later is what those who waited get'(bench) {
      const { elect, commit, lease, loader, rival } = bench
      await failAwaited(bench)
      const next = freshToken()
      await elect(next)
      await commit(next)
      const { entry } = inState(await lease(rival, { awaited: loader }), 'fresh')
      assert.equal(entry.version, next)
    },

    async 'a commit forgets the failure'(bench) {
      const { elect, commit, loader, rival } = bench
      await failAwaited(bench)
      const next = freshToken()
      await elect(next)
      await commit(next)
      await elect(rival, { awaited: loader, seen: next })
    },

    async 'a failed load leaves the entry as it is'(bench) {
      const { store, key, write, elect, loader, longMs, assertEntry } = bench
      const seen = await write()
      await elect(loader, { seen })
      await store.fail(key, loader, REASON, longMs)
      await assertEntry(seen)
    },

    async 'a failed load cannot commit'(bench) {
      await failAwaited(bench)
      assert.equal(await bench.commit(bench.loader), false)
      await bench.assertMiss()
    },

    async 'another token cannot fail the load'(bench) {
      const { store, key, elect, loader, rival, longMs, assertLoader } = bench
      await elect(loader)
      await assertLoader(loader)
      await store.fail(key, rival, REASON, longMs)
      await assertLoader(loader)
    },

    async 'an expired load cannot fail the one of its successor'(bench) {
      const { store, key, lapse, elect, loader, rival, longMs, assertLoader } = bench
      await lapse(loader)
      await elect(rival)
      await store.fail(key, loader, REASON, longMs)
      await assertLoader(rival)
    },
  },
}

/** The loader fails while the rival waits for it. */
async function failAwaited(bench: CacheBench, keepMs = bench.longMs): Promise<void> {
  const { store, key, elect, lease, loader, rival } = bench
  await elect(loader)
  inState(await lease(rival), 'lost')
  await store.fail(key, loader, REASON, keepMs)
}
