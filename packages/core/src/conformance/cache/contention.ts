/** Proves that each step is atomic: one of many is elected, and no old value lands on a newer one. */
import assert from 'node:assert/strict'
import type { CacheStore } from '../../contract/cache-store.ts'
import { systemRandom } from '../../random.ts'
import { freshKey, freshToken, freshTokens } from '../names.ts'
import { tally } from '../replies.ts'
import { wait } from '../times.ts'
import type { CacheBench, CacheRules } from './bench.ts'

const RIVALS = 50
const RACES = 20
const INTERLEAVINGS = 100
const LOADERS = 3
const UPDATES = 2

export const contention: CacheRules = {
  title: 'contention',
  rules: {
    async 'one of 50 rivals is elected'(bench) {
      for (let race = 0; race < RACES; race++) await assertOneElected(bench, freshKey('c'))
    },

    async 'one of 50 rivals is elected when a lease has ended'(bench) {
      const { store, outlive } = bench
      const keys = Array.from({ length: RACES }, () => freshKey('c'))
      for (const key of keys) await store.lease({ key, token: freshToken(), leaseMs: 1 })
      await outlive(1)
      for (const key of keys) await assertOneElected(bench, key)
    },

    async 'no load lands on a newer write or remove, in 100 random orders'({ store, longMs }) {
      const interleavings = Array.from({ length: INTERLEAVINGS }, () => interleave(store, longMs))
      await Promise.all(interleavings)
    },
  },
}

async function assertOneElected({ store, longMs }: CacheBench, key: string): Promise<void> {
  const requests = freshTokens(RIVALS).map((token) => ({ key, token, leaseMs: longMs }))
  const replies = await Promise.all(requests.map((request) => store.lease(request)))
  assert.deepEqual(tally(replies), { won: 1, lost: RIVALS - 1 })
  const winner = requests[replies.findIndex(({ state }) => state === 'won')]?.token
  const told = replies.map((reply) => (reply.state === 'lost' ? reply.holder : winner))
  assert.deepEqual(new Set(told), new Set([winner]))
}

/** Loaders read the truth and store it a little later, while it changes; what stays must be true. */
async function interleave(store: CacheStore, ttlMs: number): Promise<void> {
  const key = freshKey('c')
  let truth = 0
  const entry = () => ({ key, token: freshToken(), data: Uint8Array.of(truth), ttlMs })

  const load = async () => {
    await dawdle()
    const [found] = await store.read([key])
    const token = freshToken()
    const seen = found && { seen: found.version }
    const reply = await store.lease({ key, token, leaseMs: ttlMs, ...seen })
    if (reply.state !== 'won') return
    const loaded = { ...entry(), token }
    await dawdle()
    await store.commit(loaded)
  }
  const update = async () => {
    for (let done = 0; done < UPDATES; done++) {
      await dawdle()
      truth++
      if (systemRandom.fraction() < 0.5) await store.remove([key])
      else await store.write(entry())
    }
  }
  await Promise.all([...Array.from({ length: LOADERS }, load), update()])

  const [left] = await store.read([key])
  if (left) assert.equal(left.data[0], truth, 'an old value was stored over a newer one')
}

const dawdle = (): Promise<void> => wait(5 * systemRandom.fraction())
