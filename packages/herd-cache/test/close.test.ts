import { describe, expect, test } from '@jest/globals'
import type { HerdCache } from '../src/index.ts'
import { callers, failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const CLOSED = { name: 'StoreUnavailableError', message: 'this cache is closed' }

describe('a closed cache', () => {
  test.each<[string, (cache: HerdCache) => Promise<unknown>]>([
    ['get', (cache) => cache.get('k')],
    ['set', (cache) => cache.set('k', 'v')],
    ['delete', (cache) => cache.delete('k')],
    ['getOrSet', (cache) => cache.getOrSet('k', () => 'v')],
  ])('refuses %s with STORE_UNAVAILABLE, without a command', async (_, call) => {
    const { cache, link } = new World().start()
    await cache.close()
    expect(await failureOf(call(cache))).toMatchObject({ ...CLOSED, code: 'STORE_UNAVAILABLE' })
    expect(link.sent).toEqual([])
  })

  test('may be closed again, and is by `await using`', async () => {
    const { cache } = new World().start()
    {
      await using scoped = cache
      await scoped.close()
      await scoped.close()
    }
    expect(await failureOf(cache.get('k'))).toMatchObject(CLOSED)
  })

  test('leaves the store open for others', async () => {
    const world = new World()
    const store = world.store.connect()
    const [one, two] = [world.start({ store }), world.start({ store })]
    await one.cache.close()
    await two.cache.set('k', 'v')
    expect(await two.cache.get('k')).toBe('v')
  })
})

describe('closing', () => {
  test('aborts the signal of the loaders that run, with the reason', async () => {
    const world = new World()
    const { cache } = world.start({ ttl: 1000, grace: '1h' })
    await cache.set('stale', 'v')
    await world.clock.advance(1200)
    const signals: AbortSignal[] = []
    const load = ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      return new Promise<string>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    }
    const failure = failureOf(cache.getOrSet('missing', load))
    await cache.getOrSet('stale', load)
    await world.clock.settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    await cache.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(signals[0]?.reason).toMatchObject(CLOSED)
    expect(await failure).toMatchObject(CLOSED)
  })

  test('lets a loader that goes on give its value to its callers, and store it', async () => {
    const world = new World()
    const { cache } = world.start()
    const loader = heldLoader<string>()
    const value = cache.getOrSet('k', loader.load)
    await world.clock.settle()
    await cache.close()
    loader.resolve('v')
    expect(await value).toBe('v')
    expect(world.store.entry(stored('k'))).toBeDefined()
  })

  test('rejects at once who waits for a load elsewhere, and leaves no timer', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    const loader = heldLoader<string>()
    const first = loading.cache.getOrSet('k', loader.load)
    await world.clock.settle()
    const failures = callers(20, () => failureOf(waiting.cache.getOrSet('k', () => 'own')))
    await world.clock.settle()
    await waiting.cache.close()
    for (const failure of await Promise.all(failures)) expect(failure).toMatchObject(CLOSED)
    expect(world.clock.elapsed).toBe(0)
    loader.resolve('v')
    expect(await first).toBe('v')
    expect(world.clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('while a read is under way starts no load any more', async () => {
    const world = new World()
    const { cache, link } = world.start()
    const held = link.hold('read')
    const load = slowLoader(world.clock, 0, 'v')
    const failure = failureOf(cache.getOrSet('k', load))
    await held.arrived
    await cache.close()
    held.release()
    expect(await failure).toMatchObject(CLOSED)
    expect(load.calls).toBe(0)
  })

  test('the loading process does not fail the callers of others: one of them loads', async () => {
    const world = new World()
    const [closing, others] = [world.start(), world.startMany(3)]
    const first = failureOf(
      closing.cache.getOrSet(
        'k',
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error))
          }),
      ),
    )
    await world.clock.settle()
    const load = slowLoader(world.clock, 200, 'v')
    const calls = others.map(({ cache }) => cache.getOrSet('k', load))
    await world.clock.settle()
    await closing.cache.close()
    expect(await first).toMatchObject(CLOSED)
    expect(await world.clock.until(Promise.all(calls))).toEqual(['v', 'v', 'v'])
    expect(load.calls).toBe(1)
    // Not after the end of the lease: it was given back.
    expect(load.startedAtMs[0]).toBeLessThan(1000)
  })
})
