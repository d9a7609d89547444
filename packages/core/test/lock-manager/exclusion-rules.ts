import { expect, test } from '@jest/globals'
import { failure, fresh, holdOpen, isFree, type Run } from './manager-room.ts'

/** Who excludes whom, and who waits. */
export function exclusionRules(run: Run): void {
  test('exclusion: one at a time, in the order of the requests', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const first = await holdOpen(manager, name)
      const order: number[] = []
      const others = [1, 2, 3].map((i) => manager.request(name, () => order.push(i)))
      expect(await isFree(manager, name)).toBe(false)
      expect(order).toEqual([])
      await first.letGo()
      await Promise.all(others)
      expect(order).toEqual([1, 2, 3])
    }))

  test('exclusion: between two managers, too', () =>
    run(async ({ manager, other }) => {
      const name = fresh()
      const first = await holdOpen(manager, name)
      expect(await isFree(other, name)).toBe(false)
      const second = holdOpen(other, name)
      await first.letGo()
      await (await second).letGo()
    }))

  test('mode: shared locks are held together, and exclude exclusive ones', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const readers = await Promise.all(
        [1, 2, 3].map(() => holdOpen(manager, name, { mode: 'shared' })),
      )
      expect(await isFree(manager, name, 'shared')).toBe(true)
      expect(await isFree(manager, name, 'exclusive')).toBe(false)
      for (const { letGo } of readers) await letGo()
      expect(await isFree(manager, name, 'exclusive')).toBe(true)
    }))

  test('mode: a shared request does not overtake an exclusive one that waits', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const order: string[] = []
      const reader = await holdOpen(manager, name, { mode: 'shared' })
      const writer = manager.request(name, () => order.push('exclusive'))
      // It waits when the store has said so: then nobody gets past it.
      while (await isFree(manager, name, 'shared'));
      const late = manager.request(name, { mode: 'shared' }, () => order.push('shared'))
      await reader.letGo()
      await Promise.all([writer, late])
      expect(order).toEqual(['exclusive', 'shared'])
    }))

  test('ifAvailable: null when it is held, and the callback’s result is the request’s', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const holder = await holdOpen(manager, name)
      const tried = manager.request(name, { ifAvailable: true }, (lock) => [lock, 'result'])
      expect(await tried).toEqual([null, 'result'])
      const error = new Error('mine')
      const failed = manager.request(name, { ifAvailable: true }, () => Promise.reject(error))
      await expect(failed).rejects.toBe(error)
      await holder.letGo()
      expect(await isFree(manager, name)).toBe(true)
    }))

  test('signal: aborted before, the reason is thrown and nothing is asked for', () =>
    run(async ({ manager }) => {
      const name = fresh()
      expect(await failure(manager.request(name, { signal: AbortSignal.abort() }, () => {}))).toBe(
        'AbortError',
      )
      const own = AbortSignal.abort('my reason')
      await expect(manager.request(name, { signal: own }, () => {})).rejects.toBe('my reason')
      expect(await isFree(manager, name)).toBe(true)
    }))

  test('signal: ends the waiting, and gives up the place', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const holder = await holdOpen(manager, name)
      const controller = new AbortController()
      let called = false
      const waiting = manager.request(name, { signal: controller.signal }, () => {
        called = true
      })
      const behind = manager.request(name, () => 'behind')
      expect((await manager.query()).pending).toHaveLength(2)
      controller.abort()
      expect(await failure(waiting)).toBe('AbortError')
      expect((await manager.query()).pending).toHaveLength(1)
      await holder.letGo()
      expect(await behind).toBe('behind')
      expect(called).toBe(false)
    }))

  test('signal: does nothing to a lock that is held', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const controller = new AbortController()
      const holder = await holdOpen(manager, name, { signal: controller.signal })
      controller.abort()
      expect(await isFree(manager, name)).toBe(false)
      expect(await failure(holder.letGo())).toBeUndefined()
    }))
}
