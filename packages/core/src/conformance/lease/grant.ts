/** Proves that a name nobody holds is given to whoever asks, for the time asked. */
import { assertRemaining, inState } from '../replies.ts'
import type { LeaseRules } from './bench.ts'

export const grant: LeaseRules = {
  title: 'grant',
  rules: {
    async 'a free name is granted'({ acquire, holder }) {
      inState(await acquire(holder), 'granted')
    },

    async 'a grant says which TTL the store has set'({ take, holder, longMs, slackMs }) {
      const { remainingMs } = await take(holder, 3 * longMs)
      assertRemaining(2 * longMs, remainingMs)
      assertRemaining((await take(holder, longMs)).remainingMs, longMs + slackMs)
    },

    async 'a repeated acquire by the holder is granted again'({ take, holder }) {
      for (let round = 0; round < 3; round++) await take(holder)
    },
  },
}
