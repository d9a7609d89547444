/** Proves that a store can be closed twice: by the one who opened it, and by whoever makes sure. */
import type { CacheRules } from './bench.ts'

export const closing: CacheRules = {
  title: 'close',
  unless: ({ store }) => (store.close ? undefined : 'the store has no close()'),
  rules: {
    async 'a store may be closed twice'({ store, write }) {
      await write()
      await store.close?.()
      await store.close?.()
    },
  },
}
