import { describe, expect, test } from '@jest/globals'
import { type CacheStore, type OptimisticOptions, optimistic } from '@locks/core'
import { backends, freshName, until } from './backends.ts'

const keyOf = (name: string): string => `locks:o1:{${name}}`

/** No deadline that a slow machine could miss. */
const patient = <T>(store: CacheStore, name: string, options: OptimisticOptions = {}) =>
  optimistic<T>(store, name, { storeTimeout: '30s', ...options })

describe.each(backends())('optimistic values on $backend', ({ store }) => {
  test('[C79] opening reads the value and its version', async () => {
    const name = freshName()
    const first = await patient<object>(store(), name)
    expect(first).toMatchObject({ name, value: undefined })
    await first.cas({ visits: 1 })
    expect((await patient(store(), name)).value).toEqual({ visits: 1 })
  })

  test('[C80] seed: aiocache OptimisticLock: unchanged meanwhile, cas sets the value', async () => {
    const name = freshName()
    const profile = await patient(store(), name)
    expect(await profile.cas('a')).toBe(true)
    // Goes on from the version that the first has made.
    expect(await profile.cas('b')).toBe(true)
    expect(profile.value).toBe('b')
    expect((await patient(store(), name)).value).toBe('b')
  })

  test('[C81] seed: aiocache OptimisticLock: changed meanwhile is a conflict, and stays', async () => {
    const name = freshName()
    await (await patient(store(), name)).cas('old')
    const slow = await patient(store(), name)
    await (await patient(store(), name)).cas('theirs')
    await expect(slow.cas('mine')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(slow.cas('mine')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(slow.value).toBe('old')
    expect((await patient(store(), name)).value).toBe('theirs')
  })

  test('[C82] absent at first and set meanwhile is a conflict', async () => {
    const name = freshName()
    const slow = await patient(store(), name)
    await (await patient(store(), name)).cas('theirs')
    await expect(slow.cas('mine')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await patient(store(), name)).value).toBe('theirs')
  })

  test('[C82] seed: aiocache OptimisticLock: absent at first never conflicts, if asked for', async () => {
    const name = freshName()
    const slow = await patient(store(), name, { absentIsVersion: false })
    await (await patient(store(), name)).cas('theirs')
    expect(await slow.cas('mine')).toBe(true)
    expect((await patient(store(), name)).value).toBe('mine')
    // From then on there is a version.
    await (await patient(store(), name)).cas('theirs again')
    await expect(slow.cas('mine')).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('[C82] present at first and gone meanwhile is a conflict, under either rule', async () => {
    const name = freshName()
    await (await patient(store(), name)).cas('old')
    const strict = await patient(store(), name)
    const lenient = await patient(store(), name, { absentIsVersion: false })
    await store().remove([keyOf(name)])
    await expect(strict.cas('new')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(lenient.cas('new')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await patient(store(), name)).value).toBeUndefined()
  })

  test('[C83] the ttl passes through, whole and fractional, per object or per cas', async () => {
    const name = freshName()
    const sent: number[] = []
    const spy = new Proxy(store(), {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function') return value
        return (request: { ttlMs: number }) => {
          if (property === 'compareAndSet') sent.push(request.ttlMs)
          return value.call(target, request)
        }
      },
    })
    const entry = await patient(spy, name, { ttl: '90s' })
    sent.length = 0
    await entry.cas('a')
    await entry.cas('b', { ttl: '1.5s' })
    await (await patient(store(), name)).cas('c', { ttl: '365d' })
    expect(sent).toEqual([90_000, 1500])
    const brief = await patient(store(), name)
    await brief.cas('d', { ttl: 1 })
    await until(async () => (await patient(store(), name)).value === undefined)
  })

  test('[C84] changed and changed back is a conflict', async () => {
    const name = freshName()
    const other = await patient(store(), name)
    await other.cas('A')
    const slow = await patient(store(), name)
    await other.cas('B')
    await other.cas('A')
    await expect(slow.cas('mine')).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('[C85] letting it go without a cas does nothing', async () => {
    const name = freshName()
    const owner = await patient(store(), name)
    await owner.cas('v')
    await patient(store(), name)
    expect(await owner.cas('w')).toBe(true)
  })

  test('many who add one lose nothing: those with a conflict read anew', async () => {
    const name = freshName()
    const add = async (): Promise<void> => {
      const counter = await patient<number>(store(), name)
      try {
        await counter.cas((counter.value ?? 0) + 1)
      } catch (error) {
        if ((error as { code: string }).code !== 'CONFLICT') throw error
        await add()
      }
    }
    await Promise.all(Array.from({ length: 12 }, add))
    expect((await patient(store(), name)).value).toBe(12)
  })

  test.each([
    ['text', 'ä€'],
    ['null', null],
    ['nothing much', ''],
    ['a list', [1, { a: [] }]],
  ])('%s comes back as it was', async (_what, value) => {
    const name = freshName()
    await (await patient(store(), name)).cas(value)
    expect((await patient(store(), name)).value).toEqual(value)
  })

  test('bytes come back as bytes, and are nobody’s but the reader’s', async () => {
    const name = freshName()
    const bytes = Uint8Array.of(0, 1, 255)
    const entry = await patient<Uint8Array>(store(), name)
    await entry.cas(bytes)
    bytes.fill(7)
    expect(entry.value).toEqual(Uint8Array.of(0, 1, 255))
    expect((await patient(store(), name)).value).toEqual(Uint8Array.of(0, 1, 255))
  })

  test('data that is not ours is a conflict, and stays', async () => {
    const name = freshName()
    const data = new TextEncoder().encode('{}')
    await store().write({ key: keyOf(name), token: 'other', data, ttlMs: 60_000 })
    await expect(patient(store(), name)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await store().read([keyOf(name)]))[0]?.data).toEqual(expect.objectContaining(data))
  })
})
