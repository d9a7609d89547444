import { describe, expect, test } from '@jest/globals'
import { cacheStoreFromCas, leaseStoreFromCas } from '../../src/index.ts'
import { mapCasStore } from './map-cas-store.ts'

const key = 'locks:l1:{n}'
const mine = { key, token: 'mine', ttlMs: 60_000 }
const other = { key, token: 'other', ttlMs: 60_000 }
const data = Buffer.from('value')
const load = { key, token: 'loader', leaseMs: 60_000 }
const commit = { key, token: 'loader', data, ttlMs: 60_000 }

describe('a derived lease store takes', () => {
  test.each([
    ['does not tell the versions of its writes', false, ['add', 'get', 'compareAndDelete']],
    ['tells the versions of its writes', true, ['add', 'compareAndDelete']],
  ])('as few steps as can be where the store %s', async (_, tells, steps) => {
    const { store, calls } = mapCasStore({ tells })
    const leases = leaseStoreFromCas(store)
    await leases.acquire(mine)
    expect(await leases.release(mine)).toEqual({ state: 'released' })
    expect(calls).toEqual(steps)
  })
})

describe.each([false, true])('a lease that went to another (versions told: %s)', (tells) => {
  const taken = async () => {
    const { store, items } = mapCasStore({ tells })
    const leases = leaseStoreFromCas(store)
    await leases.acquire(mine)
    items.clear()
    await leases.acquire(other)
    return leases
  }

  test('[C38] is not released', async () => {
    const leases = await taken()
    expect(await leases.release(mine)).toEqual({ state: 'taken' })
    expect((await leases.inspect(key)).holders).toMatchObject([{ token: 'other' }])
  })

  test('is neither extended nor handed over', async () => {
    const leases = await taken()
    expect(await leases.extend({ ...mine, ttlMs: 1 })).toEqual({ state: 'taken' })
    expect(await leases.extend({ ...mine, newToken: 'heir' })).toEqual({ state: 'taken' })
    const [{ token, remainingMs = 0 } = {}] = (await leases.inspect(key)).holders
    expect(token).toBe('other')
    expect(remainingMs).toBeGreaterThan(50_000)
  })
})

test('a version that was told is of no use after a hand-over', async () => {
  const leases = leaseStoreFromCas(mapCasStore({ tells: true }).store)
  await leases.acquire(mine)
  expect((await leases.extend({ ...mine, newToken: 'heir' })).state).toBe('extended')
  expect(await leases.release(mine)).toEqual({ state: 'taken' })
  expect(await leases.release({ key, token: 'heir' })).toEqual({ state: 'released' })
})

describe('a derived cache store', () => {
  test('refuses the value of a load whose mark was lost and made anew by another', async () => {
    const { store, items } = mapCasStore()
    const cache = cacheStoreFromCas(store)
    expect((await cache.lease(load)).state).toBe('won')
    items.clear()
    expect((await cache.lease({ ...load, token: 'other' })).state).toBe('won')
    expect(await cache.commit(commit)).toBe(false)
    expect(await cache.commit({ ...commit, token: 'other' })).toBe(true)
  })

  test('refuses the value of a load whose entry changed under the comparison', async () => {
    const { store } = mapCasStore()
    const cache = cacheStoreFromCas({
      ...store,
      async compareAndSet(swap) {
        await store.delete(key)
        return store.compareAndSet(swap)
      },
    })
    expect((await cache.lease(load)).state).toBe('won')
    expect(await cache.commit(commit)).toBe(false)
    expect(await cache.read([key])).toEqual([undefined])
  })

  test('repeats no election behind a delete when its caller has given it up', async () => {
    const { store } = mapCasStore()
    const looks: (() => void)[] = []
    let heldBack = 2
    let looking = () => {}
    const isLooking = new Promise<void>((resolve) => {
      looking = resolve
    })
    const cache = cacheStoreFromCas({
      ...store,
      async add(write) {
        // As one does that runs twice.
        await store.add(write)
        return undefined
      },
      async get(of) {
        if (heldBack > 0) {
          await new Promise<void>((resolve) => {
            looks.push(resolve)
            if (--heldBack === 0) looking()
          })
        }
        return store.get(of)
      },
    })
    const asked = cache.lease(load)
    await isLooking
    await cache.fail(key, 'loader', 'abandoned', 60_000)
    for (const look of looks) look()
    await expect(asked).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await cache.lease({ ...load, token: 'next' })).toMatchObject({ state: 'won' })
  })

  test('takes one step for a hit, one for an election on a miss, two reads and a write to commit', async () => {
    const { store, calls } = mapCasStore()
    const cache = cacheStoreFromCas(store)
    await cache.lease(load)
    await cache.commit(commit)
    await cache.read([key])
    expect(calls).toEqual(['add', 'get', 'get', 'compareAndSet', 'get'])
  })
})
