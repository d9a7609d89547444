import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { callers, failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

describe('a loader that fails', () => {
  test('fails exactly those who waited; newcomers load anew [C96]', async () => {
    const world = new World()
    const { cache } = world.start()
    const loader = heldLoader<string>()
    const waiting = callers(20, () => failureOf(cache.getOrSet('k', loader.load)))
    await world.clock.settle()
    const error = new RangeError('no such row')
    loader.reject(error)
    for (const failure of await Promise.all(waiting)) expect(failure).toBe(error)
    expect(loader.calls).toBe(1)
    expect(await cache.getOrSet('k', () => 'v')).toBe('v')
  })

  test('that throws at once fails its callers as a rejection', async () => {
    const { cache } = new World().start()
    const error = new Error('at once')
    const call = cache.getOrSet('k', () => {
      throw error
    })
    expect(await failureOf(call)).toBe(error)
  })

  test('is told to those who wait in other processes, as LOAD_FAILED with the reason [C96]', async () => {
    const world = new World()
    const [one, others] = [world.start(), world.startMany(3)]
    const loader = heldLoader<string>()
    const first = failureOf(one.cache.getOrSet('k', loader.load))
    await world.clock.settle()
    const never = slowLoader(world.clock, 0, 'x')
    const waiting = others.flatMap(({ cache }) =>
      callers(5, () => failureOf(cache.getOrSet('k', never))),
    )
    await world.clock.settle()
    loader.reject(new RangeError('no such row'))
    expect((await first).message).toBe('no such row')
    const failures = await world.clock.until(Promise.all(waiting))
    expect(failures).toHaveLength(15)
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'LoadFailedError', code: 'LOAD_FAILED' })
      expect(failure.message).toContain('RangeError: no such row')
    }
    expect(never.calls).toBe(0)
  })

  test('fails those who waited even if a newcomer is loading anew by then', async () => {
    const world = new World()
    const [one, waiter, newcomer] = [world.start(), world.start(), world.start()]
    const failing = heldLoader<string>()
    const first = failureOf(one.cache.getOrSet('k', failing.load))
    await world.clock.settle()
    const waiting = failureOf(waiter.cache.getOrSet('k', () => 'not asked'))
    await world.clock.settle()
    failing.reject(new Error('no'))
    await first
    const again = heldLoader<string>()
    const value = newcomer.cache.getOrSet('k', again.load)
    expect(await world.clock.until(waiting)).toMatchObject({ code: 'LOAD_FAILED' })
    again.resolve('v')
    expect(await value).toBe('v')
  })

  test('leaves nothing behind when nobody else waited', async () => {
    const world = new World()
    const { cache } = world.start()
    await failureOf(cache.getOrSet('k', () => Promise.reject(new Error('no'))))
    expect(world.store.state(stored('k'))).toEqual({})
  })

  test.each([
    ['a text that the library itself uses as a reason', 'no value'],
    ['nothing', undefined],
    ['an object without a text form', Object.create(null)],
    ['a symbol', Symbol('why')],
    ['an error with a very long message', new Error('x'.repeat(10_000))],
    ['an error that hides its message', hidingError()],
  ])('with %s: its callers get just that, the others LOAD_FAILED', async (_, thrown) => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const loader = heldLoader<string>()
    const isJustThat = one.cache.getOrSet('k', loader.load).then(
      () => false,
      // Not by an equality matcher: it would look at the message.
      (error: unknown) => Object.is(error, thrown),
    )
    await world.clock.settle()
    const waiting = failureOf(two.cache.getOrSet('k', () => 'not asked'))
    await world.clock.settle()
    loader.reject(thrown)
    expect(await isJustThat).toBe(true)
    const failure = await world.clock.until(waiting)
    expect(failure.code).toBe('LOAD_FAILED')
    expect(failure.message.length).toBeLessThan(300)
  })
})

function hidingError(): Error {
  return Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('no message for you')
    },
  })
}
