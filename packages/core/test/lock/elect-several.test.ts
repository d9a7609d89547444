import { describe, expect, jest, test } from '@jest/globals'
import { createLocks } from '../../src/lock/create-locks.ts'
import type { LockEvent } from '../../src/lock/lock-event.ts'
import type { Term } from '../../src/lock/term.ts'
import { engineRoom, GRACE, KEY, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { untilStopped } from './until-stopped.ts'

expectQuietProcess()

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
