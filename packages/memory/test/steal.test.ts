import { describe, expect, test } from '@jest/globals'
import {
  createLocks,
  type LeaseStore,
  type Lock,
  type LockEvent,
  type Subscription,
} from '@locks/core'
import { chaosStore, manualClock } from '@locks/core/testing'
import { memoryStore } from '../src/index.ts'

/** Two processes on one store, as far as the store can tell. */
function room() {
  const clock = manualClock()
  const store = chaosStore(memoryStore({ clock }), { clock })
  const events: LockEvent[] = []
  const onEvent = (event: LockEvent) => events.push(event)
  const [ours, theirs] = [createLocks(store, { clock, onEvent }), createLocks(store, { clock })]
  return { clock, store, events, ours, theirs }
}

const lossOf = (lock: Lock) => lock.signal.reason?.reason

/** Nobody listens to thefts before it has waited once. */
async function waitOnce({ ours, theirs, clock }: ReturnType<typeof room>): Promise<void> {
  const blocker = await theirs.acquire('other')
  const waiting = ours.acquire('other')
  await clock.advance(100)
  await blocker.release()
  await (await waiting).release()
}

describe('a thief', () => {
  test('has the lock at once, with a greater fence', async () => {
    const { ours, theirs } = room()
    const deposed = await ours.acquire('n')
    const stolen = await theirs.acquire('n', { steal: true })
    expect(stolen.held).toBe(true)
    expect(stolen.fence).toBeGreaterThan(deposed.fence ?? Number.NaN)
    expect(await stolen.verify()).toBe(true)
    expect(await stolen.extend()).toBe(true)
    expect(await stolen.release()).toBe(true)
  })

  test('takes a name with readers from them all', async () => {
    const { ours, theirs } = room()
    const readers = [
      await ours.acquire('n', { mode: 'shared' }),
      await ours.acquire('n', { mode: 'shared' }),
    ]
    const stolen = await theirs.acquire('n', { mode: 'exclusive', steal: true })
    for (const reader of readers) expect(await reader.verify()).toBe(false)
    expect(readers.map(lossOf)).toEqual(['stolen', 'stolen'])
    expect(stolen.held).toBe(true)
  })

  test('cannot take a name of another kind', async () => {
    const { ours, theirs } = room()
    const lock = await ours.acquire('n', { permits: 3 })
    await expect(theirs.acquire('n', { steal: true })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await lock.verify()).toBe(true)
  })

  test('comes ahead of who waits, who comes after it', async () => {
    const { ours, theirs, clock } = room()
    await ours.acquire('n')
    const waiting = ours.acquire('n', { wait: '1m' })
    await clock.advance(100)
    const stolen = await theirs.acquire('n', { steal: true })
    await stolen.release()
    expect((await waiting).held).toBe(true)
  })
})

describe('the deposed holder', () => {
  test('is told by a push, long before it would renew', async () => {
    const world = room()
    await waitOnce(world)
    const lock = await world.ours.acquire('n')
    await world.theirs.acquire('n', { steal: true })
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe('stolen')
    expect(world.events.at(-1)).toEqual({ type: 'lost', name: 'n', reason: 'stolen' })
    expect(await lock.release()).toBe(false)
  })

  test('that was granted by a push is told by one, too', async () => {
    const { ours, theirs, clock } = room()
    const blocker = await theirs.acquire('n')
    const waiting = ours.acquire('n')
    await clock.advance(100)
    await blocker.release()
    const lock = await waiting
    await theirs.acquire('n', { steal: true })
    expect(lossOf(lock)).toBe('stolen')
  })

  test('that was granted once more is not told of a theft from before', async () => {
    const { store, theirs, clock } = room()
    let tell = async (_thiefFence: number) => {}
    const onGrant: LeaseStore['onGrant'] = (subscriber, listener) => {
      const key = 'locks:l1:{n}'
      tell = async (thiefFence) => {
        const [holder] = (await store.inspect(key)).holders
        listener.stolen({ key, token: holder?.token ?? '', thiefFence })
      }
      return store.onGrant?.(subscriber, listener) as Subscription
    }
    const ours = createLocks({ ...store, onGrant }, { clock })
    const blocker = await theirs.acquire('n')
    const waiting = ours.acquire('n')
    await clock.advance(100)
    await blocker.release()
    const lock = await waiting
    const fence = lock.fence ?? Number.NaN
    await tell(fence - 1)
    expect(lock.held).toBe(true)
    await tell(fence + 1)
    expect(lossOf(lock)).toBe('stolen')
  })

  test('that listens to nothing learns it at its next renewal', async () => {
    const { ours, theirs, clock } = room()
    const lock = await ours.acquire('n', { ttl: 9_000 })
    await theirs.acquire('n', { steal: true })
    await clock.advance(2_000)
    expect(lock.held).toBe(true)
    await clock.advance(2_000)
    expect(lossOf(lock)).toBe('stolen')
  })

  test('in the same instance is told at once', async () => {
    const { ours } = room()
    const [lock, other] = [await ours.acquire('n'), await ours.acquire('other')]
    const stolen = await ours.acquire('n', { steal: true })
    expect(lossOf(lock)).toBe('stolen')
    expect([stolen.held, other.held]).toEqual([true, true])
  })

  test('that has handed over is told nothing, and its heir at the next renewal', async () => {
    const world = room()
    const { ours, theirs, clock } = world
    await waitOnce(world)
    const heir = await theirs.adopt((await ours.acquire('n', { ttl: 9_000 })).handover())
    await ours.acquire('n', { steal: true })
    await clock.advance(4_000)
    expect(lossOf(heir)).toBe('stolen')
  })
})

describe('is refused before any I/O', () => {
  const sends = { count: 0 }
  const { steal, facts } = memoryStore()
  const refusing = (more: Partial<LeaseStore>): LeaseStore => {
    const { steal: _, ...store } = memoryStore()
    const acquire: LeaseStore['acquire'] = (request) => {
      sends.count++
      return store.acquire(request)
    }
    return { ...store, acquire, ...more }
  }

  test.each<[string, Partial<LeaseStore>]>([
    ['no steal', {}],
    ['no fences', { ...(steal && { steal }), facts: { ...facts, fencing: false } }],
  ])('by a store that has %s', async (_, more) => {
    const locks = createLocks(refusing(more))
    await expect(locks.acquire('n', { steal: true })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(locks.tryAcquire('n', { steal: true })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    })
    expect(sends.count).toBe(0)
  })
})

test('a theft without an answer is given back', async () => {
  const { clock, store, ours } = room()
  const silent: LeaseStore = {
    ...store,
    steal: async (request) => {
      await store.steal?.(request)
      return new Promise(() => {})
    },
  }
  const thief = createLocks(silent, { clock, storeTimeout: 500 })
  const deposed = await ours.acquire('n', { renew: false })
  const stealing = thief.acquire('n', { steal: true, wait: '1m' })
  const refused = expect(stealing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await clock.advance(1_000)
  await refused
  await clock.advance(5_000)
  expect((await store.inspect('locks:l1:{n}')).holders).toEqual([])
  expect(await deposed.verify()).toBe(false)
})

describe('a reply that a theft overtakes', () => {
  test('is not a grant: of two thieves in one process the later one holds', async () => {
    const { ours, store, clock } = room()
    store.next({ delayReply: 100 }, 'steal')
    const early = ours.acquire('n', { steal: true, wait: 0 })
    const late = await ours.acquire('n', { steal: true })
    const refused = expect(early).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    await clock.advance(100)
    await refused
    expect(late.held).toBe(true)
    expect(await late.verify()).toBe(true)
  })

  test('is not a grant: the push of the theft came before it', async () => {
    const world = room()
    await waitOnce(world)
    world.store.next({ delayReply: 100 }, 'acquire')
    const trying = world.ours.tryAcquire('n')
    const thief = await world.theirs.acquire('n', { steal: true })
    await world.clock.advance(100)
    expect(await trying).toBeNull()
    expect(await thief.verify()).toBe(true)
  })
})
