import { expect, test } from '@jest/globals'
import { startMemcached } from '@locks/test-servers'
import { createLocks, memcachedStore, quorum } from '../src/index.ts'
import { connectMeta, PATIENT_MS } from './clients.ts'

test('of three servers one may be lost: its locks are kept, and no second holder comes in', async () => {
  await using first = await startMemcached()
  await using second = await startMemcached()
  await using third = await startMemcached()
  const closes: (() => Promise<void>)[] = []
  const open = () => {
    const nodes = [first, second, third].map(({ address }) => {
      const { client, close } = connectMeta(address)
      closes.push(close)
      return memcachedStore(client)
    })
    return createLocks(quorum(nodes, { nodeTimeout: '60s' }), {
      ttl: '10m',
      storeTimeout: PATIENT_MS,
    })
  }
  const [ours, theirs] = [open(), open()]
  const lock = await ours.acquire('n')
  await second.kill()
  // Held, or too few answers to say so.
  expect(await theirs.tryAcquire('n').catch(() => null)).toBeNull()
  expect(await lock.extend()).toBe(true)
  expect(await lock.release()).toBe(true)
  const next = await theirs.acquire('n', { wait: PATIENT_MS })
  expect(await next.release()).toBe(true)
  await Promise.all([ours.close(), theirs.close()])
  await Promise.all(closes.map((close) => close()))
})
