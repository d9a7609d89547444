import { expect, test } from '@jest/globals'
import type { LockManagerOptions, ManagedLock } from '../../src/lock-manager.ts'
import { failure, fresh, holdOpen, isFree, type Run } from './manager-room.ts'

/** What a request and its name are. */
export function requestRules(run: Run): void {
  test('request: runs the callback with the lock and resolves to what it returns', () =>
    run(async ({ manager }) => {
      const name = fresh()
      expect(await manager.request(name, (lock) => [lock.name, lock.mode])).toEqual([
        name,
        'exclusive',
      ])
      const lock = await manager.request(name, { mode: 'shared' }, async (given) => given)
      expect([lock?.name, lock?.mode, String(lock)]).toEqual([name, 'shared', '[object Lock]'])
    }))

  test('request: the callback’s error is that of the request, and the lock is free', () =>
    run(async ({ manager }) => {
      const name = fresh()
      const error = new Error('mine')
      const thrown = manager.request(name, () => {
        throw error
      })
      await expect(thrown).rejects.toBe(error)
      await expect(manager.request(name, () => Promise.reject(error))).rejects.toBe(error)
      expect(await isFree(manager, name)).toBe(true)
    }))

  test('request: never calls back in the turn of the call', () =>
    run(async ({ manager }) => {
      let called = false
      const requested = manager.request(fresh(), () => {
        called = true
      })
      expect(called).toBe(false)
      await requested
      expect(called).toBe(true)
    }))

  test.each([
    ['nothing', []],
    ['a name only', ['n']],
    ['a callback that is none', ['n', {}]],
    ['a callback that is none, behind options', ['n', {}, 'callback']],
    ['options without a callback', ['n', {}, undefined]],
    ['options that are none', ['n', 'options', () => {}]],
    ['an unknown mode', ['n', { mode: 'foo' }, () => {}]],
    ['no mode', ['n', { mode: null }, () => {}]],
    ['a mode in capitals', ['n', { mode: 'Shared' }, () => {}]],
    ['a signal that is none', ['n', { signal: {} }, () => {}]],
    ['a signal that is null', ['n', { signal: null }, () => {}]],
    ['a symbol as the name', [Symbol('n'), () => {}]],
  ])('request: %s is a TypeError', (_what, args) =>
    run(async ({ manager }) => {
      const request = manager.request as (...args: unknown[]) => Promise<unknown>
      await expect(request(...args)).rejects.toThrow(TypeError)
    }),
  )

  test.each<[string, string, LockManagerOptions]>([
    ['a name that starts with "-"', '-', {}],
    ['a longer one', '-foo', { mode: 'shared' }],
    ['steal and ifAvailable', 'n', { steal: true, ifAvailable: true }],
    ['steal of a shared lock', 'n', { steal: true, mode: 'shared' }],
    ['a signal and ifAvailable', 'n', { ifAvailable: true, signal: AbortSignal.abort() }],
    ['a signal and steal', 'n', { steal: true, signal: new AbortController().signal }],
  ])('request: %s is a NotSupportedError', (_what, name, options) =>
    run(async ({ manager }) => {
      expect(await failure(manager.request(name, options, () => {}))).toBe('NotSupportedError')
    }),
  )

  test('request: options and names are converted as the bindings do', () =>
    run(async ({ manager }) => {
      const request = manager.request as (...args: unknown[]) => Promise<ManagedLock>
      for (const options of [undefined, null, {}, () => {}, { mode: undefined, steal: 0 }]) {
        const lock = await request(fresh(), options, (given: ManagedLock) => given)
        expect(lock.mode).toBe('exclusive')
      }
      expect((await request(42, (given: ManagedLock) => given)).name).toBe('42')
      expect((await request(undefined, (given: ManagedLock) => given)).name).toBe('undefined')
      const { request: unbound } = manager
      expect(await unbound(fresh(), () => 'unbound')).toBe('unbound')
    }))

  test('names: any string is one, and each is a lock of its own', () =>
    run(async ({ manager }) => {
      const odd = ['', '\0', ' ', '\uD800', '\uDC00', 'a\uD800', '\uFFFD', 'a', 'ä', 'a\u0308']
      const all = [...odd, '\uDC00\uD800', 'x'.repeat(65_536), 'x'.repeat(65_537), 'a-b', '[]']
      const held = await Promise.all(all.map((name) => holdOpen(manager, name)))
      expect(held.map(({ lock }) => lock.name)).toEqual(all)
      for (const name of all) expect(await isFree(manager, name)).toBe(false)
      await Promise.all(held.map(({ letGo }) => letGo()))
      for (const name of all) expect(await isFree(manager, name)).toBe(true)
    }))

  test('names: a well-formed one is the same lock without the manager', () =>
    run(async ({ manager, locks }) => {
      const name = fresh()
      await locks.request(name, { mode: 'exclusive' }, async () => {
        expect(await isFree(manager, name)).toBe(false)
      })
    }))
}
