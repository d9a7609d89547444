import { describe, expect, test } from '@jest/globals'
import { createLocks, type LeaseStore, type LockEvent } from '@locks/core'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { type ChaosFault, chaosStore, manualClock } from '@locks/core/testing'
import { memoryStore } from '../src/index.ts'

const lease = { key: 'k', token: 'a', ttlMs: 60_000 }

function room(seed = 1) {
  const clock = manualClock()
  const store = chaosStore(memoryStore({ clock }), { clock, seed })
  return { clock, store }
}

/** What a call has come to so far, and when. */
function watch(call: unknown, now: () => number) {
  const seen: { outcome: 'pending' | 'answered' | 'rejected'; atMs?: number } = {
    outcome: 'pending',
  }
  Promise.resolve(call).then(
    () => Object.assign(seen, { outcome: 'answered', atMs: now() }),
    () => Object.assign(seen, { outcome: 'rejected', atMs: now() }),
  )
  return seen
}

describe('without faults it is the store behind it', () => {
  const options = { name: 'chaosStore', create: () => chaosStore(memoryStore()) }
  leaseStoreConformance({ describe, test }, options)
  cacheStoreConformance({ describe, test }, options)
})

test.each<[ChaosFault, string, boolean]>([
  ['throw', 'rejected', false],
  ['dropRequest', 'pending', false],
  ['dropReply', 'pending', true],
])('%s: %s, and has run: %s', async (fault, outcome, ran) => {
  const { clock, store } = room()
  store.next(fault)
  const seen = watch(store.acquire(lease), () => clock.elapsed)
  await clock.advance(10_000)
  expect(seen.outcome).toBe(outcome)
  expect((await store.inspect('k')).holders).toHaveLength(ran ? 1 : 0)
})

test('a late request runs late, and is answered then', async () => {
  const { clock, store } = room()
  store.next({ delayRequest: '3s' })
  const seen = watch(store.acquire(lease), () => clock.elapsed)
  await clock.advance(2999)
  expect((await store.inspect('k')).holders).toEqual([])
  await clock.advance(1)
  expect((await store.inspect('k')).holders).toHaveLength(1)
  expect(seen).toEqual({ outcome: 'answered', atMs: 3000 })
})

test('a late reply is that of a command that ran in time', async () => {
  const { clock, store } = room()
  store.next({ delayReply: 500 })
  const seen = watch(store.acquire(lease), () => clock.elapsed)
  await clock.settle()
  expect((await store.inspect('k')).holders).toHaveLength(1)
  await clock.advance(500)
  expect(seen).toEqual({ outcome: 'answered', atMs: 500 })
})

test('a dropped reply of a command that fails is not heard either', async () => {
  const clock = manualClock()
  const failing: LeaseStore = {
    ...memoryStore({ clock }),
    acquire: () => Promise.reject(new Error('refused')),
  }
  const store = chaosStore(failing, { clock })
  store.next('dropReply')
  const seen = watch(store.acquire(lease), () => clock.elapsed)
  await clock.settle()
  expect(seen.outcome).toBe('pending')
})

test('scripted faults are used up one by one, each by a call it was meant for', async () => {
  const { store } = room()
  store.next('throw', 'release')
  store.next('throw', 'acquire')
  await store.inspect('k')
  await expect(store.acquire(lease)).rejects.toThrow('refused the connection')
  await store.acquire(lease)
  await expect(store.release(lease)).rejects.toThrow('refused the connection')
  expect(await store.release(lease)).toMatchObject({ state: 'released' })
  expect(store.calls).toEqual([
    { method: 'inspect', fault: undefined },
    { method: 'acquire', fault: 'throw' },
    { method: 'acquire', fault: undefined },
    { method: 'release', fault: 'throw' },
    { method: 'release', fault: undefined },
  ])
})

test('a standing fault lasts until calm', async () => {
  const { store } = room()
  store.always('throw', 'read')
  await expect(store.read(['k'])).rejects.toThrow()
  await expect(store.read(['k'])).rejects.toThrow()
  expect(await store.acquire(lease)).toMatchObject({ state: 'granted' })
  store.next('throw')
  store.calm()
  expect(await store.read(['k'])).toEqual([undefined])
})

test('chance repeats itself with the seed, and keeps to its probability', async () => {
  const struck = async (seed: number) => {
    const { store } = room(seed)
    store.sometimes(0.25, 'throw', 'inspect')
    for (let i = 0; i < 400; i++) await store.inspect('k').catch(() => {})
    return store.calls.map(({ fault }) => fault !== undefined)
  }
  const first = await struck(7)
  expect(await struck(7)).toEqual(first)
  expect(await struck(8)).not.toEqual(first)
  const count = first.filter(Boolean).length
  expect(count).toBeGreaterThan(60)
  expect(count).toBeLessThan(140)
})

test('what is no fault or no probability is refused when it is planned', () => {
  const { store } = room()
  expect(() => store.next('nonsense' as ChaosFault)).toThrow('no such fault')
  expect(() => store.next(null as unknown as ChaosFault)).toThrow('no such fault')
  expect(() => store.always({ delayReply: Number.NaN })).toThrow('delayReply')
  expect(() => store.sometimes(1.5, 'throw')).toThrow('probability')
  expect(() => store.sometimes(Number.NaN, 'throw')).toThrow('probability')
})

test('a store whose state is private to its class keeps working', async () => {
  class PrivateStore {
    readonly #memory = memoryStore()
    readonly facts = this.#memory.facts
    acquire: LeaseStore['acquire'] = (request) => this.#memory.acquire(request)
    extend: LeaseStore['extend'] = (request) => this.#memory.extend(request)
    release: LeaseStore['release'] = (request) => this.#memory.release(request)
    inspect(key: string) {
      return this.#memory.inspect(key)
    }
    async close() {
      void this.#memory
    }
  }
  const store = chaosStore(new PrivateStore())
  await store.acquire(lease)
  expect((await store.inspect('k')).holders).toHaveLength(1)
  expect('leave' in store).toBe(false)
  await store.close()
})

test('a lost push is made up for: the waiter gets the lock all the same', async () => {
  const { clock, store } = room()
  const events: LockEvent[] = []
  const locks = createLocks(store, { clock, wait: '1m', onEvent: (event) => events.push(event) })
  store.always('dropRequest', 'granted')
  const first = await locks.acquire('n')
  const second = locks.acquire('n')
  await clock.settle()
  await first.release()
  expect((await clock.until(second)).held).toBe(true)
  expect(store.calls).toContainEqual({ method: 'granted', fault: 'dropRequest' })
  expect(clock.elapsed).toBeGreaterThan(0)
})

test('a push that is late arrives late', async () => {
  const { clock, store } = room()
  const locks = createLocks(store, { clock })
  const first = await locks.acquire('n')
  store.next({ delayRequest: 40 }, 'granted')
  const second = locks.acquire('n')
  await clock.settle()
  await first.release()
  await clock.until(second)
  expect(clock.elapsed).toBe(40)
})

test('a request that runs after its caller gave up leaves nothing behind', async () => {
  const { clock, store } = room()
  const locks = createLocks(store, { clock, storeTimeout: '1s' })
  store.next({ delayRequest: '3s' }, 'acquire')
  await expect(clock.until(locks.tryAcquire('n'))).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  })
  expect(clock.elapsed).toBe(1000)
  await clock.advance(10_000)
  expect((await locks.inspect('n')).holders).toEqual([])
})
