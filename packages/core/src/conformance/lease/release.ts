/** Proves that a release frees the name at once, and only for its holder. */
import assert from 'node:assert/strict'
import { excludesNobody, type LeaseRules } from './bench.ts'

export const release: LeaseRules = {
  title: 'release',
  unless: excludesNobody,
  rules: {
    async 'a release frees the name at once'({ take, release, holder, assertFree }) {
      await take(holder)
      assert.equal((await release(holder)).state, 'released')
      await assertFree()
    },

    async 'a second release finds nothing'({ take, release, holder }) {
      await take(holder)
      await release(holder)
      assert.equal((await release(holder)).state, 'absent')
    },

    async 'a free name cannot be released'({ release, holder, assertFree }) {
      assert.equal((await release(holder)).state, 'absent')
      await assertFree()
    },

    async 'another token cannot release'({ take, release, holder, rival, assertHolder }) {
      await take(holder)
      assert.equal((await release(rival)).state, 'taken')
      await assertHolder(holder)
    },

    async 'a release sent again does not free the successor'(bench) {
      const { take, release, holder, rival, assertHolder } = bench
      await take(holder)
      await release(holder)
      await take(rival)
      assert.equal((await release(holder)).state, 'taken')
      await assertHolder(rival)
    },

    async 'a name is held and freed over and over'({ take, release, holder, rival }) {
      for (let round = 0; round < 10; round++) {
        for (const token of [holder, rival]) {
          await take(token)
          assert.equal((await release(token)).state, 'released')
        }
      }
    },
  },
}
