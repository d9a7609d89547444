import { describe, expect, test } from '@jest/globals'
import type { LeaseStore } from '../src/contract/lease-store.ts'
import { createLocks } from '../src/lock/create-locks.ts'
import type { LockManager, LockManagerOptions, ManagedLock } from '../src/lock-manager.ts'
import { lockManager } from '../src/lock-manager.ts'

let names = 0
const fresh = (): string => `name-${++names}-${performance.timeOrigin}`

const never = new Promise<never>(() => {})

/** What a promise rejects with, by its name; `undefined` = it was fulfilled. */
async function failure(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error instanceof Error || error instanceof DOMException ? error.name : String(error)
  }
}

/** A promise and what settles it. */
function latch<T = void>() {
  let open!: (value: T) => void
  const passed = new Promise<T>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

/** Holds a lock until it is let go. */
async function holdOpen(manager: LockManager, name: string, options: LockManagerOptions = {}) {
  const { passed, open } = latch()
  const granted = latch<ManagedLock>()
  const released = manager.request(name, { ...options, ifAvailable: false }, (lock) => {
    granted.open(lock)
    return passed
  })
  const lock = await granted.passed
  const letGo = () => {
    open()
    return released
  }
  return { lock, released, letGo }
}

/** `null` = somebody holds it. */
const isFree = (manager: LockManager, name: string, mode: 'exclusive' | 'shared' = 'exclusive') =>
  manager.request(name, { mode, ifAvailable: true }, (lock) => lock !== null)

/** The rules of the Web Locks API; `create` makes a store over the same locks each time. */
export function lockManagerRules(title: string, create: () => LeaseStore): void {
  const managers = () => {
    const stores = [create(), create()] as const
    // Who has not waited yet learns of a steal when it renews.
    const options = { ttl: '9s', storeTimeout: '30s' } as const
    const [locks, others] = [createLocks(stores[0], options), createLocks(stores[1], options)]
    const close = async () => {
      await Promise.all([locks.close(), others.close()])
      await Promise.all(stores.map((store) => store.close?.()))
    }
    return { locks, manager: lockManager(locks), other: lockManager(others), close }
  }
  const run = async (rule: (room: ReturnType<typeof managers>) => Promise<void>) => {
    const room = managers()
    await rule(room)
    await room.close()
  }

  describe(title, () => {
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
        expect(
          await failure(manager.request(name, { signal: AbortSignal.abort() }, () => {})),
        ).toBe('AbortError')
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
  })
}
