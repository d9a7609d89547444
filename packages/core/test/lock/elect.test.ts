import { describe, expect, jest, test } from '@jest/globals'
import type { Term } from '../../src/lock/term.ts'
import { engineRoom, KEY, TTL } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { rejectionOf, watch } from '../helpers/settling.ts'
import { untilStopped } from './until-stopped.ts'

expectQuietProcess()

describe('a campaign', () => {
  test('leads while it is the only one, with a fence, until it is ended', async () => {
    const { locks, store, clock } = engineRoom()
    const controller = new AbortController()
    const terms: Term[] = []
    const campaign = watch(
      clock,
      locks.elect('n', { signal: controller.signal }, (term) => {
        terms.push(term)
        return untilStopped(clock)(term)
      }),
    )
    await clock.advance(300_000)
    expect(terms).toHaveLength(1)
    expect(terms[0]).toMatchObject({ name: 'n', held: true })
    expect(terms[0]?.fence).toBeGreaterThan(0)
    terms[0]?.assertHeld()
    controller.abort('enough')
    await clock.settle()
    expect(campaign.state).toBe('fulfilled')
    expect(terms[0]?.signal.reason).toBe('enough')
    expect(store.holders(KEY)).toEqual([])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('waits longer than any wait', async () => {
    const { locks, store, clock } = engineRoom({ wait: 0 })
    store.occupy(KEY, 'other', 10_000_000)
    const controller = new AbortController()
    const callback = jest.fn(() => {})
    const campaign = watch(clock, locks.elect('n', { signal: controller.signal }, callback))
    await clock.advance(9_000_000)
    expect(campaign.state).toBe('pending')
    controller.abort()
    await clock.settle()
    expect(campaign.state).toBe('fulfilled')
    expect(callback).not.toHaveBeenCalled()
  })

  test('that is ended before it begins sends nothing', async () => {
    const { locks, store } = engineRoom()
    const callback = jest.fn(() => {})
    await locks.elect('n', { signal: AbortSignal.abort() }, callback)
    expect(store.sent()).toEqual([])
    expect(callback).not.toHaveBeenCalled()
  })

  test('gives back what it is granted in the moment of its end', async () => {
    const { locks, store, clock } = engineRoom()
    const controller = new AbortController()
    const callback = jest.fn(() => {})
    const acquire = store.acquire.bind(store)
    store.acquire = async (request) => {
      const reply = await acquire(request)
      controller.abort()
      return reply
    }
    await locks.elect('n', { signal: controller.signal }, callback)
    await clock.advance(100)
    expect(callback).not.toHaveBeenCalled()
    expect(store.holders(KEY)).toEqual([])
  })

  test('keeps the lease until the callback has stopped, and only then gives it back', async () => {
    const { locks, store, clock } = engineRoom()
    const controller = new AbortController()
    const held: boolean[] = []
    const campaign = watch(
      clock,
      locks.elect('n', { signal: controller.signal }, async (term) => {
        await untilStopped(clock, 2 * TTL)(term)
        held.push(term.held)
      }),
    )
    await clock.advance(1000)
    controller.abort()
    await clock.advance(2 * TTL - 1)
    expect(store.holders(KEY)).toHaveLength(1)
    expect(campaign.state).toBe('pending')
    await clock.advance(1)
    expect(campaign.state).toBe('fulfilled')
    expect(held).toEqual([true])
    expect(store.holders(KEY)).toEqual([])
  })

  test('goes on when the callback returns, with a greater fence', async () => {
    const { locks, clock } = engineRoom()
    const controller = new AbortController()
    const fences: (number | undefined)[] = []
    const campaign = watch(
      clock,
      locks.elect('n', { signal: controller.signal }, async ({ fence }) => {
        fences.push(fence)
        await new Promise<void>((resolve) => clock.after(10, resolve))
        if (fences.length === 3) controller.abort()
      }),
    )
    await clock.advance(1000)
    expect(campaign.state).toBe('fulfilled')
    const [first = 0, second = 0, third = 0] = fences
    expect(first < second && second < third).toBe(true)
  })

  test.each([
    ['no options', undefined],
    ['no signal', {}],
    ['a signal that is none', { signal: 5 }],
    ['a wrong ttl', { signal: new AbortController().signal, ttl: 0 }],
  ])('is refused before anything is sent: %s', async (_what, options) => {
    const { locks, store } = engineRoom()
    const campaign = locks.elect('n', options as never, () => {})
    expect(await rejectionOf(campaign)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.sent()).toEqual([])
  })

  test('is refused without a callback', async () => {
    const { locks } = engineRoom()
    const { signal } = new AbortController()
    const campaign = locks.elect('n', { signal }, undefined as never)
    expect(await rejectionOf(campaign)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('many of them may share a signal: one listener', async () => {
    const { locks, clock } = engineRoom()
    const controller = new AbortController()
    const { signal } = controller
    const added = jest.spyOn(signal, 'addEventListener')
    const names = Array.from({ length: 20 }, (_, n) => `n${n}`)
    const campaigns = names.map((name) =>
      watch(clock, locks.elect(name, { signal }, untilStopped(clock))),
    )
    await clock.settle()
    expect(added).toHaveBeenCalledTimes(1)
    controller.abort()
    await clock.settle()
    for (const { state } of campaigns) expect(state).toBe('fulfilled')
  })
})

describe('an error of the callback', () => {
  test('while the term is intact ends the campaign, after the release', async () => {
    const { locks, store, clock } = engineRoom()
    const { signal } = new AbortController()
    const mine = new Error('mine')
    store.requestMs = 50
    const campaign = watch(
      clock,
      locks.elect('n', { signal }, () => Promise.reject(mine)),
    )
    await clock.advance(99)
    expect(campaign.state).toBe('pending')
    await clock.advance(1)
    expect(campaign.error).toBe(mine)
    expect(store.holders(KEY)).toEqual([])
  })

  test('thrown at once is no different', async () => {
    const { locks } = engineRoom()
    const { signal } = new AbortController()
    const campaign = locks.elect('n', { signal }, () => {
      throw undefined
    })
    expect(await rejectionOf(campaign)).toBeUndefined()
  })

  test.each([
    ['the reason', (term: Term) => Promise.reject(term.signal.reason)],
    ['an AbortError', () => Promise.reject(new DOMException('stopped', 'AbortError'))],
  ])('that only says that it was stopped is none: %s', async (_what, end) => {
    const { locks, clock } = engineRoom()
    const controller = new AbortController()
    const campaign = watch(
      clock,
      locks.elect('n', { signal: controller.signal }, async (term) => {
        await untilStopped(clock)(term)
        return end(term)
      }),
    )
    await clock.advance(100)
    controller.abort()
    await clock.settle()
    expect(campaign.state).toBe('fulfilled')
  })

  test('of its own while it steps down rejects', async () => {
    const { locks, clock } = engineRoom()
    const controller = new AbortController()
    const campaign = watch(
      clock,
      locks.elect('n', { signal: controller.signal }, async (term) => {
        await untilStopped(clock)(term)
        throw new Error('a bug')
      }),
    )
    await clock.advance(100)
    controller.abort()
    await clock.settle()
    expect(campaign.error).toMatchObject({ message: 'a bug' })
  })

  test('after a loss is an event, and the campaign goes on', async () => {
    const { locks, store, clock, events } = engineRoom()
    const controller = new AbortController()
    let terms = 0
    const mine = new Error('write refused')
    const campaign = watch(
      clock,
      locks.elect('n', { signal: controller.signal }, async (term) => {
        terms++
        await untilStopped(clock)(term)
        if (terms === 1) throw mine
      }),
    )
    await clock.advance(1000)
    store.forget(KEY)
    await clock.advance(TTL)
    expect(terms).toBe(2)
    expect(events).toContainEqual({ type: 'term-error', name: 'n', error: mine })
    expect(events).toContainEqual({ type: 'lost', name: 'n', reason: 'deleted' })
    controller.abort()
    await clock.settle()
    expect(campaign.state).toBe('fulfilled')
  })
})
