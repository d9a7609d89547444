import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
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
