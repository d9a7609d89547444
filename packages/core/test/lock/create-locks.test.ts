import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, jest, test } from '@jest/globals'
import { StoreUnavailableError } from '../../src/errors.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import type { LockListener } from '../../src/lock/lock-event.ts'
import { engineRoom, KEY, lossOf } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

const quiet = expectQuietProcess()

describe('locks on one store', () => {
  test('[C1] [C3] [C32] exclude each other across instances', async () => {
    const { locks, store, clock } = engineRoom()
    const others = createLocks(store, { clock })
    const lock = await locks.acquire('n')
    expect(await others.tryAcquire('n')).toBeNull()
    await lock.release()
    expect((await others.tryAcquire('n'))?.held).toBe(true)
  })

  test('[C16] exclude nobody with another prefix or another name', async () => {
    const { locks, store, clock } = engineRoom()
    const others = createLocks(store, { clock, prefix: 'shop' })
    await locks.acquire('n')
    expect((await others.tryAcquire('n'))?.held).toBe(true)
    expect((await locks.tryAcquire(['n']))?.held).toBe(true)
    expect(store.sent().map(({ key }) => key)).toEqual([KEY, 'shop:l1:{n}', 'locks:l1:{:n}'])
  })

  test('[C23] have the defaults of their factory', async () => {
    const { locks, store, clock } = engineRoom({ ttl: '1m', grace: '3s', wait: 0, renew: false })
    const lock = await locks.acquire('n')
    expect(store.sent('acquire')[0]?.ttlMs).toBe(63_000)
    expect(await rejectionOf(locks.acquire('n'))).toMatchObject({ code: 'LOCK_TIMEOUT' })
    await clock.advance(60_000)
    expect(lock.held).toBe(false)
  })

  test('work without any option', async () => {
    const { store } = engineRoom()
    const lock = await createLocks(store).acquire('n')
    expect(lock.token).toMatch(/^[\w-]{21}$/)
    expect(await lock.release()).toBe(true)
  })

  test('mint a token per try, whoever asks', async () => {
    const { locks, store } = engineRoom()
    const held = await Promise.all(['a', 'b', 'c'].map((name) => locks.acquire(name)))
    expect(new Set(held.map(({ token }) => token)).size).toBe(3)
    expect(new Set(store.sent().map(({ token }) => token)).size).toBe(3)
  })
})

describe('the listener', () => {
  test('is told of an acquisition, its renewals and its release', async () => {
    const { locks, store, clock, events } = engineRoom()
    store.occupy(KEY, 'other', 100)
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(101)
    const lock = fulfilled(acquired)
    await clock.advance(10_000)
    await lock.release()
    expect(events).toEqual([
      { type: 'acquired', name: 'n', waitedMs: 101, fence: lock.fence },
      { type: 'renewed', name: 'n' },
      { type: 'released', name: 'n', heldMs: 10_000 },
    ])
  })

  test('is told of a loss once, with its reason', async () => {
    const { locks, clock, events } = engineRoom({ renew: false })
    const lock = await locks.acquire('n')
    await clock.advance(60_000)
    await lock.release()
    await lock.extend()
    expect(events.slice(1)).toEqual([{ type: 'lost', name: 'n', reason: 'expired' }])
  })

  test('hears nothing of a lock that it did not get', async () => {
    const { locks, store, clock, events } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    await locks.tryAcquire('n')
    const acquired = watch(clock, locks.acquire('n', { wait: 100 }))
    await clock.advance(100)
    expect(acquired.state).toBe('rejected')
    expect(events).toEqual([])
  })

  const bad: [string, LockListener][] = [
    [
      'throws an error',
      () => {
        throw new Error('a bug in the listener')
      },
    ],
    [
      'throws something that is no text',
      () => {
        throw Object.create(null)
      },
    ],
    [
      'throws a symbol',
      () => {
        throw Symbol('bug')
      },
    ],
    ['rejects', (async () => Promise.reject(new Error('a bug in the listener'))) as LockListener],
  ]

  test.each(bad)('costs nobody a lock when it %s', async (_what, onEvent) => {
    const { locks, store, clock } = engineRoom({ onEvent })
    const lock = await locks.acquire('n')
    await clock.advance(60_000)
    expect(lock.held).toBe(true)
    expect(await lock.release()).toBe(true)
    expect(await locks.request('n', () => 'done')).toBe('done')
    const lost = await locks.acquire('n')
    store.forget(KEY)
    expect(await lost.extend()).toBe(false)
    expect(lossOf(lost)).toBe('deleted')
    store.standingFault = fault.reject(new Error('down'))
    expect(await rejectionOf(locks.acquire('m', { wait: 0 }))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    await clock.settle()
    const names = new Set(quiet.warnings.map(({ name }) => name))
    quiet.warnings.length = 0
    expect([...names]).toEqual(['LocksWarning'])
  })
})

describe('close', () => {
  test('refuses every acquisition from then on, without a command', async () => {
    const { locks, store } = engineRoom()
    await locks.close()
    const callback = jest.fn()
    const refused = [
      locks.acquire('n'),
      locks.tryAcquire('n'),
      locks.request('n', callback),
      locks.request('n', { ifAvailable: true }, callback),
    ]
    for (const call of refused) {
      expect(await rejectionOf(call)).toBeInstanceOf(StoreUnavailableError)
    }
    expect(callback).not.toHaveBeenCalled()
    expect(store.sent()).toEqual([])
  })

  test('refuses already while it is closing', async () => {
    const { locks, store } = engineRoom()
    const closed = locks.close()
    expect(await rejectionOf(locks.acquire('n'))).toBeInstanceOf(StoreUnavailableError)
    await closed
    expect(store.sent()).toEqual([])
  })

  test('still says what is wrong with bad input', async () => {
    const { locks } = engineRoom()
    await locks.close()
    expect(await rejectionOf(locks.acquire(''))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('ends those who wait, at once', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const waiters = [1, 2, 3].map(() => watch(clock, locks.acquire('n', { wait: Infinity })))
    await clock.advance(5000)
    const closed = watch(clock, locks.close())
    await clock.settle()
    for (const { error } of waiters) expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(closed.state).toBe('fulfilled')
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('ends at once also those whose try is under way, and undoes that', async () => {
    const { locks, store, clock, events } = engineRoom()
    store.next(fault.slowReply(1500), 'acquire')
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(100)
    const closed = watch(clock, locks.close())
    await clock.settle()
    expect(acquired.error).toBeInstanceOf(StoreUnavailableError)
    expect(String(acquired.error)).toContain('closed')
    expect(store.holders(KEY)).toEqual([])
    expect(closed.state).toBe('fulfilled')
    expect(events).toEqual([])
  })

  test('ends a single try that is under way, and undoes that', async () => {
    const { locks, store, clock } = engineRoom()
    store.next(fault.slowReply(1500), 'acquire')
    const acquired = watch(clock, locks.tryAcquire('n'))
    await clock.advance(100)
    watch(clock, locks.close())
    await clock.settle()
    expect(acquired.error).toBeInstanceOf(StoreUnavailableError)
    expect(store.holders(KEY)).toEqual([])
  })

  test.each([0, 1, 2, 3, 4, 5, 6])(
    'leaves nobody a lock that was granted %p promise jobs before',
    async (jobs) => {
      const { locks, store, clock } = engineRoom()
      const acquire = store.acquire.bind(store)
      store.acquire = async (request) => {
        const reply = await acquire(request)
        let answered = Promise.resolve()
        for (let job = 0; job < jobs; job++) answered = answered.then(() => {})
        void answered.then(() => locks.close())
        return reply
      }
      const acquired = watch(clock, locks.acquire('n'))
      await clock.settle()
      expect(store.holders(KEY)).toEqual([])
      if (acquired.state === 'fulfilled') expect(acquired.value?.held).toBe(false)
      else expect(acquired.error).toBeInstanceOf(StoreUnavailableError)
    },
  )

  test('aborts what is held with the reason "closed", and releases it', async () => {
    const { locks, store, clock } = engineRoom()
    const held = [await locks.acquire('n'), await locks.acquire('m')]
    const signals = held.map(({ signal }) => signal)
    await locks.close()
    for (const signal of signals) expect(signal.reason).toMatchObject({ reason: 'closed' })
    for (const lock of held) {
      expect(lock.held).toBe(false)
      expect(await lock.release()).toBe(false)
    }
    expect(store.holders(KEY)).toEqual([])
    expect(store.holders('locks:l1:{m}')).toEqual([])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('is over only when the locks are released', async () => {
    const { locks, store, clock } = engineRoom()
    await locks.acquire('n')
    store.next(fault.runLate(500), 'release')
    const closed = watch(clock, locks.close())
    await clock.advance(499)
    expect(closed.state).toBe('pending')
    expect(store.closeCount).toBe(0)
    await clock.advance(1)
    expect(closed.state).toBe('fulfilled')
    expect(store.holders(KEY)).toEqual([])
  })

  test('waits for a release that is under way before it closes the store', async () => {
    const { locks, store, clock } = engineRoom()
    const lock = await locks.acquire('n')
    store.next(fault.runLate(500), 'release')
    const released = watch(clock, lock.release())
    const closed = watch(clock, locks.close())
    await clock.advance(499)
    expect(store.closeCount).toBe(0)
    await clock.advance(1)
    expect(fulfilled(released)).toBe(true)
    expect(closed.state).toBe('fulfilled')
  })

  test('releases, leaves the store open, and is the same however often it is called', async () => {
    const { locks, store } = engineRoom()
    await locks.acquire('n')
    expect(locks.close()).toBe(locks.close())
    await Promise.all([locks.close(), locks[Symbol.asyncDispose]()])
    await locks.close()
    expect(store.closeCount).toBe(0)
    expect(store.holders(KEY)).toEqual([])
    expect(store.sent('release')).toHaveLength(1)
  })

  test('of a store that swallows everything takes one store timeout', async () => {
    const { locks, store, clock } = engineRoom()
    const lock = await locks.acquire('n')
    store.standingFault = fault.dropRequest
    const waiter = watch(clock, locks.acquire('m', { wait: Infinity }))
    await clock.advance(700)
    const closed = watch(clock, locks.close())
    await clock.settle()
    expect(waiter.error).toBeInstanceOf(StoreUnavailableError)
    expect(lossOf(lock)).toBe('closed')
    await clock.advance(2000)
    expect(closed.state).toBe('fulfilled')
  })

  test('leaves the locks of another instance alone', async () => {
    const { locks, store, clock } = engineRoom()
    const others = createLocks(store, { clock })
    const lock = await others.acquire('n')
    await locks.close()
    expect(lock.held).toBe(true)
    expect(await lock.extend()).toBe(true)
  })
})

describe('in a process of its own', () => {
  const root = fileURLToPath(new URL('../../../../', import.meta.url))

  test('neither a held lock, nor its renewals, nor an undo keep the process alive', async () => {
    const body = `
      import { createLocks } from './packages/core/src/index.ts'
      const granted = { state: 'granted', remainingMs: 3_600_000 }
      const down = async () => { throw new Error('down') }
      const facts = { ttlResolutionMs: 1, durability: 'process', fencing: false, exclusive: true }
      const store = { facts, acquire: async () => granted, extend: down, release: down, inspect: down }
      const locks = createLocks(store, { ttl: '1h', grace: 0 })
      await locks.acquire('held')
      const lock = await locks.acquire('undone')
      await lock.release().catch(() => {})
      process.on('exit', () => console.log('ended'))`
    const args = ['--import', 'tsx', '--input-type=module', '--eval', body]
    const stdout = await new Promise((resolve) => {
      const options = { cwd: root, timeout: 150_000 }
      execFile(process.execPath, args, options, (error, out) => resolve(error ? error : out))
    })
    expect(stdout).toBe('ended\n')
  })
})
