import { describe, expect, test } from '@jest/globals'
import { createLocks, type LeaseStore, quorum } from '@locks/core'
import { leaseStoreConformance } from '@locks/core/conformance'
import { memoryStore } from '../src/index.ts'

const stores = (count: number): LeaseStore[] => Array.from({ length: count }, () => memoryStore())

for (const count of [2, 3]) {
  leaseStoreConformance(
    { describe, test },
    { name: `a quorum of ${count} memory stores`, create: () => quorum(stores(count)) },
  )
}

test('exclusive over memory, without a fence', async () => {
  await using locks = createLocks(quorum(stores(3)), { wait: '60s' })
  let inside = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 20 }, () =>
      locks.request('n', async (lock) => {
        expect(lock.fence).toBeUndefined()
        most = Math.max(most, ++inside)
        await null
        inside--
      }),
    ),
  )
  expect(most).toBe(1)
})
