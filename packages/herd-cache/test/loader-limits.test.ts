import { describe, expect, test } from '@jest/globals'
import type { LoadContext } from '../src/index.ts'
import { failureOf, heldLoader, slowLoader, World } from './helpers/world.ts'

/** A loader that runs until its signal aborts. */
function stubbornLoader() {
  const signals: AbortSignal[] = []
  const load = ({ signal }: Pick<LoadContext, 'signal'>): Promise<string> =>
    new Promise((_, reject) => {
      signals.push(signal)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  return { load, signals }
}

describe('loaderTimeout', () => {
  test('aborts the loader, rejects all who wait, and leaves the key to the next', async () => {
    const world = new World()
    const [one, two] = [world.start({ loaderTimeout: 3000 }), world.start()]
    const { load, signals } = stubbornLoader()
    const calls = [one.cache.getOrSet('k', load), one.cache.getOrSet('k', load)].map(failureOf)
    await world.clock.settle()
    const elsewhere = failureOf(two.cache.getOrSet('k', load))
    for (const failure of await world.clock.until(Promise.all(calls)))
      expect(failure).toMatchObject({ name: 'LoadTimeoutError', code: 'LOAD_TIMEOUT' })
    expect(world.clock.elapsed).toBe(3000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(await world.clock.until(elsewhere)).toMatchObject({ code: 'LOAD_FAILED' })
    expect(await two.cache.getOrSet('k', () => 'v')).toBe('v')
    expect(one.link.count('renew')).toBeLessThanOrEqual(2)
  })

  test('stores nothing of a loader that heeds no signal', async () => {
    const world = new World()
    const { cache } = world.start({ loaderTimeout: 1000 })
    const loader = heldLoader<string>()
    const failure = failureOf(cache.getOrSet('k', loader.load))
    expect(await world.clock.until(failure)).toMatchObject({ code: 'LOAD_TIMEOUT' })
    loader.resolve('late')
    await world.clock.settle()
    expect(await cache.get('k')).toBeUndefined()
  })
})

describe('onWaitTimeout: reject', () => {
  test('rejects who has waited for a load elsewhere, and runs nothing', async () => {
    const world = new World()
    const loading = world.start()
    const waiting = world.start({ waitTimeout: 700, onWaitTimeout: 'reject' })
    void loading.cache.getOrSet('k', heldLoader<string>().load)
    await world.clock.settle()
    const load = slowLoader(world.clock, 0, 'own')
    const failure = await world.clock.until(failureOf(waiting.cache.getOrSet('k', load)))
    expect(failure).toMatchObject({ name: 'LoadTimeoutError', code: 'LOAD_TIMEOUT' })
    expect(load.calls).toBe(0)
    expect(world.clock.elapsed).toBe(700)
  })

  test('is told from a word that means nothing', () => {
    const wrong = { onWaitTimeout: 'wait' as 'load' }
    expect(() => new World().start(wrong)).toThrow(/onWaitTimeout/)
  })
})

describe('the signal of a caller', () => {
  test('ends the wait of that one; the others get the value', async () => {
    const world = new World()
    const { cache } = world.start()
    const loader = heldLoader<string>()
    const [gone, stays] = [new AbortController(), new AbortController()]
    const first = failureOf(cache.getOrSet('k', loader.load, { signal: gone.signal }))
    const others = [
      cache.getOrSet('k', loader.load, { signal: stays.signal }),
      cache.getOrSet('k', loader.load),
    ]
    await world.clock.settle()
    const reason = new Error('enough')
    gone.abort(reason)
    expect(await first).toBe(reason)
    loader.resolve('v')
    expect(await Promise.all(others)).toEqual(['v', 'v'])
    expect(loader.calls).toBe(1)
  })

  test('aborts the loader when all have gone; who comes then loads anew', async () => {
    const world = new World()
    const { cache } = world.start()
    const { load, signals } = stubbornLoader()
    const aborters = [new AbortController(), new AbortController()]
    const calls = aborters.map(({ signal }) => failureOf(cache.getOrSet('k', load, { signal })))
    await world.clock.settle()
    aborters[0]?.abort()
    expect(signals[0]?.aborted).toBe(false)
    aborters[1]?.abort()
    expect(signals[0]?.aborted).toBe(true)
    for (const failure of await Promise.all(calls)) expect(failure.name).toBe('AbortError')
    expect(await world.clock.until(cache.getOrSet('k', () => 'anew'))).toBe('anew')
  })

  test('that has aborted before the call sends nothing', async () => {
    const { cache, link } = new World().start()
    const call = cache.getOrSet('k', () => 'v', { signal: AbortSignal.abort() })
    expect((await failureOf(call)).name).toBe('AbortError')
    expect(link.sent).toEqual([])
  })

  test('ends the wait for a load in another process, which others take over', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    const { load, signals } = stubbornLoader()
    const aborter = new AbortController()
    const first = failureOf(loading.cache.getOrSet('k', load, { signal: aborter.signal }))
    await world.clock.settle()
    const second = waiting.cache.getOrSet('k', () => 'taken over')
    await world.clock.settle()
    aborter.abort()
    await first
    expect(signals).toHaveLength(1)
    expect(await world.clock.until(second)).toBe('taken over')
  })

  test('of a call for many keys aborts their one loader', async () => {
    const world = new World()
    const { cache } = world.start()
    const aborter = new AbortController()
    let told: AbortSignal | undefined
    const call = cache.getOrSetMany(
      ['a', 'b'],
      (_, { signal }) => {
        told = signal
        return new Promise<string[]>(() => {})
      },
      { signal: aborter.signal },
    )
    await world.clock.advance(1)
    expect(told?.aborted).toBe(false)
    aborter.abort()
    expect(told?.aborted).toBe(true)
    const outcomes = await world.clock.until(call)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})

describe('a loader that asks for what waits for it', () => {
  const recursion = { name: 'LoadRecursionError', code: 'LOAD_RECURSION' }

  test('its own key: is told so, with the key', async () => {
    const world = new World()
    const { cache } = world.start()
    const call = cache.getOrSet('own', () => cache.getOrSet('own', () => 'never'))
    const failure = await world.clock.until(failureOf(call))
    expect(failure).toMatchObject(recursion)
    expect(failure.message).toContain('own')
    expect(await cache.getOrSet('own', () => 'v')).toBe('v')
  })

  test('through another key', async () => {
    const world = new World()
    const { cache } = world.start()
    const a = (): Promise<string> => cache.getOrSet('a', b)
    const b = (): Promise<string> => cache.getOrSet('b', a)
    expect(await world.clock.until(failureOf(a()))).toMatchObject(recursion)
  })

  test('two calls whose loaders ask for each other', async () => {
    const world = new World()
    const { cache } = world.start()
    const ask = (own: string, other: string) =>
      cache.getOrSet(own, async () => {
        await new Promise<void>((resolve) => world.clock.after(10, resolve))
        return cache.getOrSet(other, () => 'never')
      })
    const calls = [ask('a', 'b'), ask('b', 'a')].map(failureOf)
    for (const failure of await world.clock.until(Promise.all(calls)))
      expect(failure).toMatchObject(recursion)
  })

  test('among many keys', async () => {
    const world = new World()
    const { cache } = world.start()
    const call = cache.getOrSetMany(['a', 'b'], async () => {
      const b = await cache.getOrSet('b', () => 'never')
      return [b, b]
    })
    const [a] = await world.clock.until(call)
    expect(a).toMatchObject({ status: 'rejected', reason: recursion })
  })

  test('is not who asks for another key, nor what a loader leaves behind', async () => {
    const world = new World()
    const { cache } = world.start()
    let later: Promise<string> | undefined
    const value = cache.getOrSet('a', async () => {
      later = new Promise((resolve) =>
        world.clock.after(1000, () => resolve(cache.getOrSet('a', () => 'x'))),
      )
      return `${await cache.getOrSet('b', () => 'b')}!`
    })
    expect(await world.clock.until(value)).toBe('b!')
    expect(await world.clock.until(later as Promise<string>)).toBe('b!')
  })
})
