import { describe, expect, test } from '@jest/globals'
import { createLocks } from '@locks/core'
import { manualClock } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'
import { backends, freshName, holdersOf, occupy, replace } from './backends.ts'

/** No deadline that a slow machine could miss. */
const storeTimeout = '30s'

describe.each(backends())('what the seeds’ locks do, on $backend', ({ store }) => {
  test('seed: aredis lock: its options are those of an acquisition', async () => {
    const name = freshName()
    // name, timeout, blocking_timeout; the lock class is the store, and no interval is needed.
    const locks = createLocks(store(), { storeTimeout })
    const lock = await locks.acquire(name, { ttl: '60s', wait: 200 })
    await expect(locks.acquire(name, { wait: 50 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(await locks.tryAcquire(name)).toBeNull()
    expect(await lock.extend(lock.remaining + 60_000)).toBe(true)
    expect(lock.remaining).toBeGreaterThan(90_000)
    expect(await lock.release()).toBe(true)
    expect(await lock.release()).toBe(false)
    await locks.close()
  })

  test('seed: aredis lock: thread_local is the handle, and `current()` around it', async () => {
    const [outer, inner] = [freshName(), freshName()]
    const locks = createLocks(store(), { storeTimeout })
    expect(locks.current()).toBeUndefined()
    await locks.request(outer, async (first) => {
      await locks.request(inner, async (second) => {
        expect(locks.current()?.token).toBe(second.token)
        expect(locks.current(outer)?.token).toBe(first.token)
      })
      // Another task that was started outside has none of it.
      expect(locks.current()?.token).toBe(first.token)
    })
    // Acquired in one task and released in another: the handle is all it takes.
    const acquired = (async () => locks.acquire(outer))()
    expect(await (async () => (await acquired).release())()).toBe(true)
    await locks.close()
  })

  test('seed: aioredis-lock RedisLock: extend, renew, is_owner, and an error in time', async () => {
    const name = freshName()
    const locks = createLocks(store(), { ttl: '20s', grace: 0, storeTimeout })
    await using lock = await locks.acquire(name)
    expect(await lock.verify()).toBe(true)
    expect(await lock.extend('60s')).toBe(true)
    // Renewed without an argument, it has its own ttl again and not a constant.
    expect(await lock.extend()).toBe(true)
    const [holder] = await holdersOf(store(), name)
    expect(holder?.remainingMs).toBeLessThanOrEqual(20_000 + store().facts.ttlResolutionMs)
    const error = await locks.acquire(name, { wait: 20 }).catch((reason: Error) => reason)
    expect(error).toMatchObject({ name: 'LockTimeoutError', code: 'LOCK_TIMEOUT' })
    await replace(store(), name, lock.token)
    expect(await lock.verify()).toBe(false)
    expect(lock.signal.aborted).toBe(true)
    await locks.close()
  })

  test('seed: djblets CacheLock: names in parts, held, extend, and a foreign lock is left alone', async () => {
    const name = ['report', freshName()] as const
    const locks = createLocks(store(), { ttl: '30s', storeTimeout })
    const lock = await locks.acquire(name)
    expect(lock.name).toBe(`:report:${name[1]}`)
    expect(lock.held).toBe(true)
    expect(await lock.extend('40s')).toBe(true)
    await expect(locks.acquire(name, { wait: 20 })).rejects.toThrow(lock.name)
    await replace(store(), lock.name, lock.token)
    expect(await lock.release()).toBe(false)
    expect(lock.held).toBe(false)
    expect(await holdersOf(store(), lock.name)).toMatchObject([{ token: 'other' }])
    await locks.close()
  })

  test('seed: Chris Lamb Lock: whoever comes late never frees a stranger’s lock, and 0 does not wait', async () => {
    const name = freshName()
    const locks = createLocks(store(), { ttl: '60s', wait: '10s', storeTimeout })
    const body = locks.request(name, async (lock) => {
      await expect(locks.acquire(name, { wait: 0 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
      await replace(store(), name, lock.token)
      return 'done'
    })
    await expect(body).rejects.toMatchObject({ code: 'LOCK_LOST', result: 'done' })
    expect(await holdersOf(store(), name)).toMatchObject([{ token: 'other' }])
    await locks.close()
  })
})

test.each([-120_000, 120_000])(
  'seed: Chris Lamb Lock: a client’s clock that is wrong by %d ms lets nobody in',
  async (offMs) => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const wrong = manualClock()
    wrong.stepWall(offMs)
    const locks = createLocks(store, { clock: wrong })
    await occupy(store, 'n', 60_000)
    expect(await locks.tryAcquire('n')).toBeNull()
  },
)
