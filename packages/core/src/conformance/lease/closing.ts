/** Proves that a store can be closed twice: by the one who opened it, and by whoever makes sure. */
import type { LeaseRules } from './bench.ts'

export const closing: LeaseRules = {
  title: 'close',
  unless: ({ store }) => (store.close ? undefined : 'the store has no close()'),
  rules: {
    async 'a store may be closed twice'({ store, take, holder }) {
      await take(holder)
      await store.close?.()
      await store.close?.()
    },
  },
}
