/** Proves that each name is a lock of its own, however much two of them look alike. */
import assert from 'node:assert/strict'
import type { LeaseStore } from '../../contract/lease-store.ts'
import { freshToken, similarKeys } from '../names.ts'
import { excludesNobody, type LeaseRules } from './bench.ts'

export const names: LeaseRules = {
  title: 'names',
  unless: excludesNobody,
  rules: {
    async 'similar and long names do not block one another'({ store, longMs }) {
      const leases = await takeAll(store, longMs)
      for (const { key, token } of leases) {
        const { holders } = await store.inspect(key)
        assert.deepEqual(
          holders.map((holder) => holder.token),
          [token],
          key,
        )
      }
    },

    async 'the release of a name frees no other'({ store, longMs }) {
      const leases = await takeAll(store, longMs)
      for (const lease of leases) {
        assert.equal((await store.release(lease)).state, 'released', lease.key)
      }
    },
  },
}

async function takeAll(store: LeaseStore, ttlMs: number) {
  const leases = similarKeys('l').map((key) => ({ key, token: freshToken() }))
  const replies = await Promise.all(leases.map((lease) => store.acquire({ ...lease, ttlMs })))
  const refused = leases.filter((_, i) => replies[i]?.state !== 'granted').map(({ key }) => key)
  assert.deepEqual(refused, [])
  return leases
}
