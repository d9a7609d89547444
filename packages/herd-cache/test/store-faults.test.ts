import { describe, expect, test } from '@jest/globals'
import { ConflictError } from '../src/index.ts'
import type { Command, Fault } from './helpers/store-link.ts'
import { failureOf, slowLoader, stored, World } from './helpers/world.ts'

const STORE_MS = 250

const faults: readonly [string, Fault][] = [
  ['is lost on the way', { lose: 'request' }],
  ['runs, and its reply is lost', { lose: 'reply' }],
  ['runs late', { requestMs: 1000 }],
  ['runs, and its reply is late', { replyMs: 1000 }],
  ['is refused', { reject: new Error('LOADING the dataset') }],
  ['is refused with no error at all', { reject: undefined }],
  ['makes the store throw', { throws: new TypeError('not connected') }],
  ['meets foreign data', { reject: new ConflictError('the key holds data that is not ours') }],
]

/** Each command with each fault. */
const casesOf = (...commands: readonly Command[]) =>
  commands.flatMap((command) =>
    faults.map(([what, fault]): [Command, string, Fault] => [command, what, fault]),
  )

/** A load of 2 s, so that each command of a miss is sent, under one that goes wrong. */
async function loadUnder(fault: Fault, command: Command) {
  const world = new World()
  const faulty = world.start()
  faulty.link.always((sent) => (sent === command ? fault : undefined))
  return { world, faulty }
}

describe('when a command goes wrong each time', () => {
  test.each(casesOf('read', 'lease', 'renew', 'commit'))(
    '%s %s: the callers still get what the loader makes [C95]',
    async (command, _, fault) => {
      const { world, faulty } = await loadUnder(fault, command)
      const load = slowLoader(world.clock, 2000, 'v')
      const calls = [faulty.cache.getOrSet('k', load), faulty.cache.getOrSet('k', load)]
      expect(await world.clock.until(Promise.all(calls))).toEqual(['v', 'v'])
      expect(load.calls).toBe(1)
      // One deadline per command at most, and no more than three of them before and after the load.
      expect(world.clock.elapsed).toBeLessThanOrEqual(2000 + 3 * STORE_MS)
      await world.clock.advance(60_000)
      expect(world.clock.armed).toEqual({ foreground: 0, background: 0 })
    },
  )

  test.each(casesOf('read', 'lease', 'renew', 'fail'))(
    '%s %s: the callers still get the loader’s own error',
    async (command, _, fault) => {
      const { world, faulty } = await loadUnder(fault, command)
      const error = new Error('no such row')
      const load = slowLoader(world.clock, 2000, () => {
        throw error
      })
      expect(await world.clock.until(failureOf(faulty.cache.getOrSet('k', load)))).toBe(error)
      expect(load.calls).toBe(1)
      expect(world.clock.elapsed).toBeLessThanOrEqual(2000 + 3 * STORE_MS)
      await world.clock.advance(60_000)
      expect(world.clock.armed).toEqual({ foreground: 0, background: 0 })
    },
  )

  test.each(casesOf('read', 'lease', 'renew', 'commit'))(
    '%s %s: another process is not held up for more than a lease',
    async (command, _, fault) => {
      const { world, faulty } = await loadUnder(fault, command)
      const other = world.start()
      const load = slowLoader(world.clock, 2000, 'v')
      const calls = [faulty, other].map(({ cache }) => cache.getOrSet('k', load))
      expect(await world.clock.until(Promise.all(calls))).toEqual(['v', 'v'])
      expect(load.calls).toBeLessThanOrEqual(2)
      expect(world.clock.elapsed).toBeLessThanOrEqual(2 * 2000 + 5000 + 3 * STORE_MS)
    },
  )

  test.each(casesOf('lease', 'renew', 'commit'))(
    '%s %s: a stale value is still served at once',
    async (command, _, fault) => {
      const world = new World()
      const { cache, link } = world.start({ ttl: 1000, grace: '1h' })
      await cache.set('k', 'old')
      await world.clock.advance(1200)
      link.always((sent) => (sent === command ? fault : undefined))
      const sentAtMs = world.clock.elapsed
      expect(await cache.getOrSet('k', slowLoader(world.clock, 2000, 'new'))).toBe('old')
      expect(world.clock.elapsed).toBe(sentAtMs)
      await world.clock.advance(60_000)
      expect(link.count(command)).toBeGreaterThan(0)
      expect(world.clock.armed).toEqual({ foreground: 0, background: 0 })
    },
  )

  test.each(faults)('read %s: get answers undefined, and says why', async (_, fault) => {
    const { world, faulty } = await loadUnder(fault, 'read')
    await world.start().cache.set('k', 'v')
    expect(await world.clock.until(faulty.cache.get('k'))).toBeUndefined()
    expect(world.clock.elapsed).toBeLessThanOrEqual(STORE_MS)
    expect(faulty.events).toEqual([
      { type: 'store-error', key: stored('k'), error: expect.any(Error) },
    ])
  })
})

describe('when the store is away', () => {
  const away: Fault[] = [
    { lose: 'request' },
    { reject: new Error('down') },
    { throws: new TypeError('not connected') },
  ]

  test.each(away)('%j: each process loads for itself, within 3 deadlines', async (fault) => {
    const world = new World()
    const processes = world.startMany(3)
    for (const { link } of processes) link.always(() => fault)
    const load = slowLoader(world.clock, 100, 'v')
    const calls = processes.flatMap(({ cache }) => [1, 2, 3].map(() => cache.getOrSet('k', load)))
    expect(await world.clock.until(Promise.all(calls))).toEqual(Array(9).fill('v'))
    expect(load.calls).toBe(3)
    expect(world.clock.elapsed).toBeLessThanOrEqual(100 + 3 * STORE_MS)
  })

  test('a deadline of its own is kept to', async () => {
    const world = new World()
    const { cache, link } = world.start({ storeTimeout: 40 })
    link.always(() => ({ lose: 'request' }))
    expect(await world.clock.until(cache.getOrSet('k', () => 'v'))).toBe('v')
    expect(world.clock.elapsed).toBeLessThanOrEqual(3 * 40)
  })

  test.each(away)(
    '%j: set and delete reject with STORE_UNAVAILABLE, within 1 deadline',
    async (fault) => {
      const world = new World()
      const { cache, link } = world.start()
      link.always(() => fault)
      for (const call of [() => cache.set('k', 'v'), () => cache.delete('k')]) {
        const startedAtMs = world.clock.elapsed
        const failure = await world.clock.until(failureOf(call()))
        expect(failure).toMatchObject({ name: 'StoreUnavailableError', code: 'STORE_UNAVAILABLE' })
        expect(world.clock.elapsed - startedAtMs).toBeLessThanOrEqual(STORE_MS)
      }
    },
  )

  test('it is used again as soon as it is back', async () => {
    const world = new World()
    const { cache, link } = world.start()
    link.always(() => ({ lose: 'request' }))
    await world.clock.until(cache.getOrSet('k', () => 'v1'))
    link.always(undefined)
    expect(await cache.getOrSet('k', () => 'v2')).toBe('v2')
    expect(await cache.getOrSet('k', () => 'v3')).toBe('v2')
  })

  test('the errors of clients are not passed on as they are', async () => {
    const { cache, link } = new World().start()
    const error = Object.assign(new Error('connect redis://user:secret@host'), { client: {} })
    link.always(() => ({ reject: error }))
    const failure = await failureOf(cache.set('k', 'v'))
    expect(failure.code).toBe('STORE_UNAVAILABLE')
    expect(failure.message).not.toContain('secret')
  })
})

describe('a value that the store refuses to take', () => {
  test('does not make the others wait for the end of one lease after the other', async () => {
    const world = new World()
    const processes = world.startMany(4)
    for (const { link } of processes) {
      link.always((sent) => (sent === 'commit' ? { reject: new Error('too large') } : undefined))
    }
    const load = slowLoader(world.clock, 200, 'v')
    const calls = processes.map(({ cache }) => cache.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(Array(4).fill('v'))
    expect(load.calls).toBe(4)
    expect(world.clock.elapsed).toBeLessThan(5000)
  })
})
