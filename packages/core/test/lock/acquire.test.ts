import { describe, expect, test } from '@jest/globals'
import { LockTimeoutError } from '../../src/errors.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import type { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import type { StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

/** When the tries were sent, in milliseconds since the clock was made. */
const triedAt = (store: StepStore, clock: ManualClock) => {
  const startMs = clock.now() - clock.elapsed
  return store.sent('acquire').map(({ sentAtMs }) => sentAtMs - startMs)
}

describe('waiting for a lock', () => {
  test('[C20] for 0 ms is exactly one try: a timeout when somebody holds it', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 0 }))
    await clock.settle()
    expect(acquired.error).toBeInstanceOf(LockTimeoutError)
    expect(store.sent()).toHaveLength(1)
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(1)
  })

  test('for 0 ms is exactly one try: the lock when it is free', async () => {
    const { locks, store } = engineRoom()
    expect((await locks.acquire('n', { wait: 0 })).held).toBe(true)
    expect(store.sent()).toHaveLength(1)
  })

  test('[C18] tries again after 10 ms, then backs off by doubling up to 500 ms', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n', { wait: '3s' }))
    await clock.advance(2200)
    expect(triedAt(store, clock)).toEqual([0, 10, 30, 70, 150, 310, 630, 1130, 1630, 2130])
  })

  test('[C24] is jittered down to a half', async () => {
    const { locks, store, clock } = engineRoom({ random: new SeededRandom(1, 0) })
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n'))
    await clock.advance(100)
    expect(triedAt(store, clock)).toEqual([0, 5, 15, 35, 75])
  })

  test('[C13] never sleeps past the end of the lease that is in the way', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 100)
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(101)
    expect(fulfilled(acquired).held).toBe(true)
    expect(triedAt(store, clock)).toEqual([0, 10, 30, 70, 101])
  })

  test('[C17] [C19] is clipped: the last try is at the end of the wait, and not one after it', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 200 }))
    await clock.advance(199)
    expect(acquired.state).toBe('pending')
    await clock.advance(1)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT', waitedMs: 200 })
    expect(triedAt(store, clock)).toEqual([0, 10, 30, 70, 150, 200])
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(6)
  })

  test('is 10 s by default', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(9999)
    expect(acquired.state).toBe('pending')
    await clock.advance(1)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
  })

  test('[C21] without end goes on until the lock is free', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 2 ** 31 - 1)
    const acquired = watch(clock, locks.acquire('n', { wait: Infinity }))
    await clock.advance(3_600_000)
    expect(acquired.state).toBe('pending')
    store.vacate(KEY, 'other')
    await clock.advance(500)
    expect(fulfilled(acquired).held).toBe(true)
  })

  test('[C22] ends in a timeout that names the lock and leaves its holder alone', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(1000)
    expect(String(acquired.error)).toContain('lock n ')
    expect(String(acquired.error)).not.toMatch(/token|other/)
    expect(store.holders(KEY)).toEqual(['other'])
    expect(store.remainingMs(KEY)).toBe(59_000)
  })

  test('[C26] gives the lock to exactly one of two when it is released', async () => {
    const { locks, store, clock } = engineRoom()
    const holder = await locks.acquire('n')
    const waiters = [1, 2].map(() => watch(clock, locks.acquire('n', { wait: '5s' })))
    await clock.advance(1000)
    await holder.release()
    await clock.advance(1000)
    const states = waiters.map(({ state }) => state)
    expect(states.toSorted()).toEqual(['fulfilled', 'pending'])
    expect(store.holders(KEY)).toHaveLength(1)
  })

  test('[C25] is measured by the monotonic clock: setting the machine’s clock changes nothing', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(500)
    clock.stepWall(3_600_000)
    await clock.advance(499)
    clock.stepWall(-7_200_000)
    expect(acquired.state).toBe('pending')
    await clock.advance(1)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
  })

  test('over a stall of the event loop ends with one last try', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 3000)
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(100)
    clock.block(10_000)
    await clock.settle()
    expect(fulfilled(acquired).held).toBe(true)
  })

  test('leaves no timer behind, however it ends', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(1000)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    store.vacate(KEY, 'other')
    await (await locks.acquire('n')).release()
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('with another token for each try', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n', { wait: '5s' }))
    watch(clock, locks.acquire('n', { wait: 0 }))
    await clock.advance(5000)
    const tokens = store.sent('acquire').map(({ token }) => token)
    expect(tokens.length).toBeGreaterThan(10)
    expect(new Set(tokens).size).toBe(tokens.length)
  })
})
