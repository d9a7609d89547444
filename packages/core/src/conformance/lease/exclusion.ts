/** Proves that a held name is refused to everybody else, and that asking for it changes nothing. */
import { assertRemaining, inState } from '../replies.ts'
import { excludesNobody, type LeaseRules } from './bench.ts'

export const exclusion: LeaseRules = {
  title: 'exclusion',
  unless: excludesNobody,
  rules: {
    async 'another token is refused'({ take, acquire, holder, rival }) {
      await take(holder)
      for (let round = 0; round < 3; round++) inState(await acquire(rival), 'held')
    },

    async 'whoever is refused learns how long the lease may last'(bench) {
      const { take, acquire, holder, rival, longMs, slackMs } = bench
      await take(holder, longMs)
      const { remainingMs } = inState(await acquire(rival, 3 * longMs), 'held')
      assertRemaining(remainingMs, longMs + slackMs)
    },

    async 'a refused acquire leaves the holder its lease'(bench) {
      const { take, acquire, holder, rival, assertHolder } = bench
      await take(holder)
      inState(await acquire(rival), 'held')
      await assertHolder(holder)
    },

    async 'a refused acquire does not prolong the lease'(bench) {
      const { take, acquire, outlive, stopwatch, holder, rival, shortMs, assertFree } = bench
      const { assertInTime } = stopwatch()
      const { remainingMs } = await take(holder, shortMs)
      const reply = await acquire(rival)
      assertInTime(shortMs)
      inState(reply, 'held')
      await outlive(remainingMs)
      await assertFree()
    },

    async 'a refused acquire does not shorten the lease'(bench) {
      const { take, acquire, outlive, holder, rival, slackMs, assertHolder } = bench
      await take(holder)
      inState(await acquire(rival, 1), 'held')
      await outlive(1 + slackMs)
      await assertHolder(holder)
    },
  },
}
