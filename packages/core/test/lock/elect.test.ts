import { describe, expect, jest, test } from '@jest/globals'
import { createLocks } from '../../src/lock/create-locks.ts'
import type { LockEvent } from '../../src/lock/lock-event.ts'
import type { Term } from '../../src/lock/term.ts'
import { engineRoom, GRACE, KEY, TTL, VALID } from '../helpers/engine-room.ts'
import type { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

/** Leads until it is told to stop, and for `lingerMs` more. */
const untilStopped =
  (clock: ManualClock, lingerMs = 0) =>
  async (term: Term) => {
    if (!term.signal.aborted) {
      await new Promise((resolve) => term.signal.addEventListener('abort', resolve))
    }
    if (lingerMs > 0) await new Promise<void>((resolve) => clock.after(lingerMs, resolve))
  }

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

describe('several campaigns', () => {
  /** Two processes, who see who believes to lead. */
  function rivals() {
    const room = engineRoom()
    const { store, clock } = room
    const events: LockEvent[] = []
    const other = createLocks(store, { clock, onEvent: (event) => events.push(event) })
    const log: string[] = []
    const lead = (who: string) => async (term: Term) => {
      log.push(`${who} elected`)
      term.signal.addEventListener('abort', () => log.push(`${who} deposed`))
      await untilStopped(clock)(term)
    }
    return { ...room, other, log, lead }
  }

  test('[C114] a follower becomes leader after the lease of a dead leader has ended', async () => {
    const { store, clock, locks } = rivals()
    store.occupy(KEY, 'dead', TTL + GRACE)
    const { signal } = new AbortController()
    const elected = jest.fn(untilStopped(clock))
    watch(clock, locks.elect('n', { signal }, elected))
    await clock.advance(TTL + GRACE - 1)
    expect(elected).not.toHaveBeenCalled()
    await clock.advance(600)
    expect(elected).toHaveBeenCalledTimes(1)
  })

  test('a follower becomes leader when the leader has stepped down', async () => {
    const { clock, locks, other, log, lead } = rivals()
    const controllers = [new AbortController(), new AbortController()] as const
    watch(clock, locks.elect('n', { signal: controllers[0].signal }, lead('a')))
    await clock.advance(100)
    watch(clock, other.elect('n', { signal: controllers[1].signal }, lead('b')))
    await clock.advance(5000)
    controllers[0].abort()
    await clock.advance(1000)
    expect(log).toEqual(['a elected', 'a deposed', 'b elected'])
  })

  test('[C115] a leader is deposed by its own clock before a second one is elected', async () => {
    const { store, clock, locks, other, log, lead } = rivals()
    const { signal } = new AbortController()
    watch(clock, locks.elect('n', { signal, renew: false }, lead('a')))
    await clock.advance(0)
    const electedAtMs = clock.now()
    watch(clock, other.elect('n', { signal }, lead('b')))
    await clock.advance(VALID - 1)
    expect(log).toEqual(['a elected'])
    await clock.advance(1)
    expect(log).toEqual(['a elected', 'a deposed'])
    // The margin: what is left of the lease in the store belongs to nobody.
    expect(store.remainingMs(KEY)).toBeGreaterThan(GRACE)
    await clock.advance(TTL + GRACE + 600 - (clock.now() - electedAtMs))
    expect(log).toHaveLength(3)
    expect(log[2]).toContain('elected')
  })

  test('[C115] a leader that stalls knows it by `held` before any timer has run', async () => {
    const { clock, locks } = rivals()
    const { signal } = new AbortController()
    let leading: Term | undefined
    watch(
      clock,
      locks.elect('n', { signal }, (term) => {
        leading = term
        return untilStopped(clock)(term)
      }),
    )
    await clock.settle()
    clock.block(TTL)
    expect(leading?.held).toBe(false)
    expect(leading?.signal.aborted).toBe(true)
    expect(() => leading?.assertHeld()).toThrow('lost')
  })

  test('[C116] a leader cut off from the store leads until its validity ends, not longer', async () => {
    const { store, clock, locks, events, log, lead } = rivals()
    const { signal } = new AbortController()
    const campaign = watch(clock, locks.elect('n', { signal }, lead('a')))
    await clock.advance(TTL / 3)
    const renewedAtMs = store.sent('extend').at(-1)?.sentAtMs ?? Number.NaN
    store.standingFault = fault.reject(new Error('ECONNRESET'))
    await clock.advance(renewedAtMs + VALID - clock.now() - 1)
    expect(log).toEqual(['a elected'])
    await clock.advance(2)
    expect(log).toEqual(['a elected', 'a deposed'])
    expect(events).toContainEqual({ type: 'lost', name: 'n', reason: 'unreachable' })
    await clock.advance(600_000)
    expect(campaign.state).toBe('pending')
    expect(events.at(-1)).toMatchObject({ type: 'store-error' })
    store.standingFault = undefined
    await clock.advance(5000)
    expect(log).toEqual(['a elected', 'a deposed', 'a elected'])
  })

  test('end with a typed error when their locks are closed, and the leader is told', async () => {
    const { clock, locks, log, lead } = rivals()
    const { signal } = new AbortController()
    const campaign = watch(clock, locks.elect('n', { signal }, lead('a')))
    await clock.settle()
    await locks.close()
    await clock.settle()
    expect(log).toEqual(['a elected', 'a deposed'])
    expect(campaign.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
