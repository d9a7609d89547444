import { describe, expect, test } from '@jest/globals'
import { optimistic } from '@locks/core'
import { chaosStore, manualClock } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'

describe('an optimistic value and a store in trouble', () => {
  const clock = manualClock()
  const room = async () => {
    const store = chaosStore(memoryStore({ clock }), { clock })
    const entry = await optimistic<string>(store, 'n', { clock })
    await entry.cas('first')
    const value = async () => (await optimistic<string>(store, 'n', { clock })).value
    const fails = (call: Promise<unknown>) =>
      expect(clock.until(call)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    return { store, entry, value, fails }
  }

  test('a cas that ran unheard does not stand in the way of the next', async () => {
    const { store, entry, value, fails } = await room()
    store.next('dropReply')
    await fails(entry.cas('second'))
    expect(entry.value).toBe('first')
    expect(await value()).toBe('second')
    expect(await entry.cas('third')).toBe(true)
    expect(await value()).toBe('third')
  })

  test('nor does one that never arrived, nor several', async () => {
    const { store, entry, value, fails } = await room()
    store.next('dropRequest')
    store.next('dropReply')
    store.next('throw')
    for (const next of ['a', 'b', 'c']) await fails(entry.cas(next))
    expect(await value()).toBe('b')
    expect(await entry.cas('last')).toBe(true)
    expect(await value()).toBe('last')
  })

  test('what somebody else has set on top of it is still a conflict', async () => {
    const { store, entry, value, fails } = await room()
    store.next('dropReply')
    await fails(entry.cas('second'))
    await (await optimistic(store, 'n', { clock })).cas('theirs')
    await expect(entry.cas('third')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await value()).toBe('theirs')
  })

  test('a cas that arrives after its deadline does nothing', async () => {
    const { store, entry, value, fails } = await room()
    store.next({ delayRequest: '9s' })
    await fails(entry.cas('late'))
    await clock.advance(10_000)
    expect(await value()).toBe('first')
  })

  test('and the very first one neither: the opening has learnt the time', async () => {
    const store = chaosStore(memoryStore({ clock }), { clock })
    const entry = await optimistic(store, 'n', { clock })
    store.next({ delayRequest: '9s' }, 'compareAndSet')
    const failed = expect(clock.until(entry.cas('late'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    await failed
    await clock.advance(10_000)
    expect((await optimistic(store, 'n', { clock })).value).toBeUndefined()
  })

  test('opening without an answer ends within the deadline', async () => {
    const { store, fails } = await room()
    store.always('dropRequest')
    const startedAtMs = clock.now()
    await fails(optimistic(store, 'n', { clock, storeTimeout: '250ms' }))
    expect(clock.now() - startedAtMs).toBe(250)
  })

  test('two cas at once take their turn', async () => {
    const { store, entry, value } = await room()
    store.next({ delayReply: 0 })
    store.next({ delayReply: 50 })
    const both = Promise.all([entry.cas('one'), entry.cas('two')])
    expect(await clock.until(both)).toEqual([true, true])
    expect(await value()).toBe('two')
  })
})

describe('bad input is refused before anything is sent', () => {
  const store = chaosStore(memoryStore())
  const open = (options: object, name: string | string[] = 'n') => optimistic(store, name, options)

  test.each([
    ['an empty name', () => open({}, '')],
    ['no ttl at all', () => open({ ttl: 0 })],
    ['an endless ttl', () => open({ ttl: Infinity })],
    ['more than a year', () => open({ ttl: '366d' })],
    ['a wrong prefix', () => open({ prefix: 'a b' })],
    ['a wrong rule', () => open({ absentIsVersion: 'no' })],
    ['a wrong deadline', () => open({ storeTimeout: -1 })],
    ['no options', () => optimistic(store, 'n', null as never)],
  ])('%s', async (_what, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.calls).toEqual([])
  })

  test.each([
    ['undefined', undefined, {}],
    ['a function', () => {}, {}],
    ['a number too large for JSON', 1n, {}],
    ['a wrong ttl', 'v', { ttl: Number.NaN }],
    ['no options', 'v', null as never],
  ])('a cas of %s', async (_what, value, options) => {
    const quiet = chaosStore(memoryStore())
    const entry = await optimistic(quiet, 'n')
    const before = quiet.calls.length
    await expect(entry.cas(value, options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(quiet.calls).toHaveLength(before)
  })
})
