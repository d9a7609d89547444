import { describe, expect, jest, test } from '@jest/globals'
import type { Duration } from '../../src/duration.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import { createLocks, type LocksOptions } from '../../src/lock/create-locks.ts'
import type { AcquireOptions } from '../../src/lock/options.ts'
import { engineRoom } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { rejectionOf } from '../helpers/settling.ts'
import { StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

const badLengths = [-1, -0.5, Number.NaN, 1.5, 2 ** 31, 1e300, -Infinity, '', '1x', '-1s', '0.1ms']
const badTypes = [null, true, [], {}, 5n]
const badOptions: [string, unknown][] = [
  ...[0, Infinity, '0s', ...badLengths, ...badTypes].map((ttl): [string, unknown] => ['ttl', ttl]),
  ...[Infinity, ...badLengths, ...badTypes].map((grace): [string, unknown] => ['grace', grace]),
  ...[...badLengths, ...badTypes].map((wait): [string, unknown] => ['wait', wait]),
  ...['yes', 0, 1, null, {}].map((renew): [string, unknown] => ['renew', renew]),
  ...['write', '', 0, true, null, {}].map((mode): [string, unknown] => ['mode', mode]),
  ...[0, -1, 1.5, 2 ** 31, Number.NaN, Infinity, '2', null, true, 2n].map(
    (permits): [string, unknown] => ['permits', permits],
  ),
  ...[0, Infinity, ...badLengths, ...badTypes].map((ms): [string, unknown] => ['maxHold', ms]),
  ...['yes', 0, 1, null, {}].map((steal): [string, unknown] => ['steal', steal]),
]
const badSignals: [string, unknown][] = [
  {},
  'abort',
  true,
  null,
  new AbortController(),
  { aborted: false },
].map((signal) => ['signal', signal])

describe('bad input is refused before anything is sent:', () => {
  test.each([...badOptions, ...badSignals])(
    '[C2] [C7] [C12] an option of a call: %s %p',
    async (option, value) => {
      const { locks, store, clock } = engineRoom()
      const options = { [option]: value } as object
      const callback = jest.fn<() => string>()
      const calls = [
        locks.acquire('n', options),
        locks.tryAcquire('n', options),
        locks.request('n', options, callback),
        locks.request('n', { ...options, ifAvailable: true }, callback),
      ]
      for (const call of calls) expect(await rejectionOf(call)).toBeInstanceOf(InvalidArgumentError)
      expect(store.sent()).toEqual([])
      expect(callback).not.toHaveBeenCalled()
      expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    },
  )

  test.each<[string, unknown]>([
    ...badOptions,
    ...[0, Infinity, ...badLengths, ...badTypes].map((ms): [string, unknown] => [
      'storeTimeout',
      ms,
    ]),
    ...['', 'a:b', 'a b', 'x'.repeat(41), null, 5].map((p): [string, unknown] => ['prefix', p]),
    ...['log', 5, null, {}].map((listener): [string, unknown] => ['onEvent', listener]),
  ])('an option of the factory: %s %p', (option, value) => {
    const store = new StepStore(new ManualClock())
    const options = { [option]: value } as LocksOptions
    expect(() => createLocks(store, options)).toThrow(InvalidArgumentError)
  })

  test.each<[AcquireOptions]>([
    [{ mode: 'shared', permits: 2 }],
    [{ mode: 'exclusive', permits: 1 }],
    [{ steal: true, mode: 'shared' }],
    [{ steal: true, permits: 2 }],
  ])('options that contradict each other: %p', async (options) => {
    const { locks, store } = engineRoom()
    const calls = [locks.acquire('n', options), locks.tryAcquire('n', options)]
    for (const call of calls) expect(await rejectionOf(call)).toBeInstanceOf(InvalidArgumentError)
    expect(store.sent()).toEqual([])
  })

  test.each([
    ['mode', 'shared'],
    ['mode', 'exclusive'],
    ['permits', 2],
    ['steal', true],
    ['steal', false],
    ['signal', new AbortController().signal],
  ])('an option of one acquisition as one of the factory: %s %p', (option, value) => {
    const store = new StepStore(new ManualClock())
    const options = { [option]: value } as LocksOptions
    expect(() => createLocks(store, options)).toThrow(InvalidArgumentError)
  })

  test.each([null, 5, 'wait', true, Symbol('options')])('options that are %p', async (value) => {
    const { locks, store } = engineRoom()
    const options = value as never
    const calls = [
      locks.acquire('n', options),
      locks.tryAcquire('n', options),
      locks.request('n', options, () => 'ran'),
    ]
    for (const call of calls) expect(await rejectionOf(call)).toBeInstanceOf(InvalidArgumentError)
    expect(store.sent()).toEqual([])
  })

  test.each([null, 5, 'wait', true])('options of the factory that are %p', (value) => {
    const store = new StepStore(new ManualClock())
    expect(() => createLocks(store, value as never)).toThrow(InvalidArgumentError)
  })

  test.each([
    ['empty', ''],
    ['huge', 'x'.repeat(65_537)],
    ['ill-formed', 'a\ud800'],
    ['an empty array', []],
    ['an array with an empty part', ['a', '']],
    ['an array with NaN', ['a', Number.NaN]],
    ['an array in an array', ['a', ['b']]],
    ['an array that is too long', new Array(65).fill('a')],
    ['a number', 42],
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
  ])('[C11] a name that is %s', async (_what, value) => {
    const { locks, store } = engineRoom()
    const name = value as string
    const calls = [
      locks.acquire(name),
      locks.tryAcquire(name),
      locks.request(name, () => 'ran'),
      locks.request(name, { ifAvailable: true }, () => 'ran'),
    ]
    for (const call of calls) expect(await rejectionOf(call)).toBeInstanceOf(InvalidArgumentError)
    expect(store.sent()).toEqual([])
  })

  test.each([undefined, null, 'callback', 5, {}])('a callback that is %p', async (value) => {
    const { locks, store } = engineRoom()
    const callback = value as () => string
    const calls = [locks.request('n', {}, callback), locks.request('n', callback)]
    for (const call of calls) expect(await rejectionOf(call)).toBeInstanceOf(InvalidArgumentError)
    expect(store.sent()).toEqual([])
  })

  test.each([0, -1, Number.NaN, 1.5, 2 ** 31, Infinity, '1x', null, {}])(
    'an extend by %p, as a rejection like every other',
    async (ttl) => {
      const { locks, store } = engineRoom()
      const lock = await locks.acquire('n')
      let extended: Promise<boolean> | undefined
      expect(() => {
        extended = lock.extend(ttl as Duration)
      }).not.toThrow()
      expect(await rejectionOf(extended as Promise<boolean>)).toBeInstanceOf(InvalidArgumentError)
      expect(store.sent('extend')).toEqual([])
      expect(lock.held).toBe(true)
    },
  )
})

describe('a lease of which the margin leaves nothing', () => {
  // Granted and undone over and over, it is reported as a timeout of a lock that nobody holds.
  test.each<[Duration, Duration]>([
    [1, 50],
    [2, 50],
    [100, '10s'],
    [1000, '2m'],
  ])('is not "held by somebody": ttl %p with grace %p', async (ttl, grace) => {
    const { locks, store, clock } = engineRoom()
    store.replyMs = 1
    const outcome: { code?: string } = {}
    locks.acquire('n', { ttl, grace, wait: '1s' }).then(
      () => Object.assign(outcome, { code: 'acquired' }),
      (error) => Object.assign(outcome, { code: error.code }),
    )
    await clock.advance(3000)
    expect(['acquired', 'INVALID_ARGUMENT']).toContain(outcome.code)
    expect(store.sent('acquire').length).toBeLessThanOrEqual(1)
  })
})

describe('what the store cannot do is refused before anything is sent:', () => {
  test.each<[AcquireOptions]>([
    [{ mode: 'shared' }],
    [{ mode: 'exclusive' }],
    [{ permits: 2 }],
    [{ steal: true }],
  ])('%p of a store without a queue', async (options) => {
    const { locks, store } = engineRoom()
    const calls = [
      locks.acquire('n', options),
      locks.tryAcquire('n', options),
      locks.request('n', options, () => 'ran'),
    ]
    for (const call of calls) {
      expect(await rejectionOf(call)).toMatchObject({ code: 'UNSUPPORTED' })
    }
    expect(store.sent()).toEqual([])
  })

  test('one permit is an exclusive lock, and every store has those', async () => {
    const { locks } = engineRoom()
    expect((await locks.acquire('n', { permits: 1 })).held).toBe(true)
  })
})
