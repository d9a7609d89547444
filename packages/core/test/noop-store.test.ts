import { describe, expect, test } from '@jest/globals'
import { leaseStoreConformance } from '../src/conformance/index.ts'
import { createLocks } from '../src/lock/create-locks.ts'
import { noopStore } from '../src/noop-store.ts'

leaseStoreConformance({ describe, test }, { name: 'noopStore', create: () => noopStore() })

test('seed: Chris Lamb no-op Lock: [C113] always acquires, with the contract of any other', async () => {
  await using locks = createLocks(noopStore())
  const result = await locks.request('n', async (outer) => {
    const inner = await locks.acquire('n', { wait: 0 })
    expect(await locks.tryAcquire('n')).not.toBeNull()
    expect([outer.held, inner.held, outer.fence]).toEqual([true, true, undefined])
    expect(await inner.extend('1m')).toBe(true)
    expect(await inner.verify()).toBe(true)
    expect(await inner.release()).toBe(true)
    expect(await inner.release()).toBe(false)
    expect(outer.held).toBe(true)
    return 42
  })
  expect(result).toBe(42)
})

test('seed: Chris Lamb no-op Lock: [C113] errors of the body come through', async () => {
  await using locks = createLocks(noopStore())
  const error = new Error('the body')
  const body = async () => {
    throw error
  }
  await expect(locks.request('n', body)).rejects.toBe(error)
})
