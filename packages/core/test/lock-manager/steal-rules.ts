import { expect, test } from '@jest/globals'
import { failure, fresh, holdOpen, isFree, latch, never, type Run } from './manager-room.ts'

/** What takes a lock away, and what tells who has it. */
export function stealRules(run: Run): void {
  test('steal: takes a free lock, and a held one, whose request rejects at once', () =>
    run(async ({ manager }) => {
      const name = fresh()
      expect(await manager.request(name, { steal: true }, (lock) => lock?.mode)).toBe('exclusive')
      const holder = await holdOpen(manager, name)
      const lost = failure(holder.released)
      const thief = await holdOpen(manager, name, { steal: true })
      expect(await lost).toBe('AbortError')
      expect((await manager.query()).held).toHaveLength(1)
      expect(await isFree(manager, name)).toBe(false)
      // The deposed callback comes to its end later: that frees nothing.
      holder.letGo().catch(() => {})
      expect(await isFree(manager, name)).toBe(false)
      await thief.letGo()
      expect(await isFree(manager, name)).toBe(true)
    }))

  test('steal: from all who share it, and from another manager', () =>
    run(async ({ manager, other }) => {
      const name = fresh()
      const readers = [
        await holdOpen(manager, name, { mode: 'shared' }),
        await holdOpen(other, name, { mode: 'shared' }),
      ]
      const lost = readers.map(({ released }) => failure(released))
      const thief = await holdOpen(manager, name, { steal: true })
      expect(await Promise.all(lost)).toEqual(['AbortError', 'AbortError'])
      await thief.letGo()
    }))

  test('steal: goes before those who wait, and they keep waiting', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const holder = await holdOpen(manager, name)
      const lost = failure(holder.released)
      const order: string[] = []
      const waiting = manager.request(name, () => order.push('waiter'))
      const thief = await holdOpen(manager, name, { steal: true })
      order.push('thief')
      expect(await lost).toBe('AbortError')
      await thief.letGo()
      await waiting
      expect(order).toEqual(['thief', 'waiter'])
    }))

  test('steal: a stolen lock can be stolen again', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const first = await holdOpen(manager, name, { steal: true })
      const lost = failure(first.released)
      const second = await holdOpen(manager, name, { steal: true })
      expect(await lost).toBe('AbortError')
      await second.letGo()
    }))

  test('query: tells what is held and what is pending, and by whom', () =>
    run(async ({ manager, other }) => {
      const [a, b] = [fresh(), '\uD800']
      const held = await holdOpen(manager, a)
      const shared = await holdOpen(manager, b, { mode: 'shared' })
      const waiting = holdOpen(manager, a, { mode: 'shared' })
      const snapshot = await manager.query()
      const [{ clientId = '' } = {}] = snapshot.held
      expect(snapshot).toEqual({
        held: [
          { name: a, mode: 'exclusive', clientId },
          { name: b, mode: 'shared', clientId },
        ],
        pending: [{ name: a, mode: 'shared', clientId }],
      })
      expect(clientId).toMatch(/^\S+$/)
      const others = await holdOpen(other, fresh())
      expect((await other.query()).held[0]?.clientId).not.toBe(clientId)
      await Promise.all([held, others].map(({ letGo }) => letGo()))
      await Promise.all([(await waiting).letGo(), shared.letGo()])
      expect(await manager.query()).toEqual({ held: [], pending: [] })
    }))

  test('a lease that is lost rejects the request with an AbortError, at once', () =>
    run(async ({ manager, locks }) => {
      const name = fresh()
      const granted = latch()
      const requested = manager.request(name, () => {
        granted.open()
        return never
      })
      await granted.passed
      void locks.close()
      const error = (await requested.catch((reason) => reason)) as DOMException
      expect([error.name, (error.cause as { code: string }).code]).toEqual([
        'AbortError',
        'LOCK_LOST',
      ])
      expect((await manager.query()).held).toEqual([])
    }))
}
