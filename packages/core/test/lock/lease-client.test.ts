import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import type { Answer } from '../../src/contract/answer.ts'
import type { AcquireReply, LeaseStore } from '../../src/contract/lease-store.ts'
import { StoreUnavailableError } from '../../src/errors.ts'
import { Interrupt } from '../../src/interrupt.ts'
import { LeaseClient } from '../../src/lock/lease-client.ts'
import { noopStore } from '../../src/noop-store.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { watch } from '../helpers/settling.ts'
import { fault, StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

const lease = { key: 'k', token: 'mine', ttlMs: 30_000 }

function clientRoom() {
  const clock = new ManualClock()
  const store = new StepStore(clock)
  const leases = new LeaseClient(store, clock, 2000)
  return { clock, store, leases }
}

describe('a command', () => {
  test('has no bound by the store’s clock before the first reply, and one ever after', async () => {
    const { clock, store, leases } = clientRoom()
    store.next(fault.slowReply(300))
    const first = leases.acquire({ ...lease }, new Interrupt())
    expect(first.notAfterMs).toBeUndefined()
    expect(leases.extend(lease).notAfterMs).toBeUndefined()
    await clock.advance(300)
    const bounded = leases.extend(lease)
    expect(bounded.notAfterMs).toBe(store.nowMs() + 2000)
    expect(leases.acquire({ ...lease }, new Interrupt()).notAfterMs).toBe(store.nowMs() + 2000)
    expect(store.sent().map(({ notAfterMs }) => notAfterMs)).toEqual([
      undefined,
      undefined,
      store.nowMs() + 2000,
      store.nowMs() + 2000,
    ])
  })

  test('without a bound carries no empty one: a store may test for the key', () => {
    const { leases, store } = clientRoom()
    const requests: object[] = []
    store.acquire = async (request) => {
      requests.push(request)
      return { state: 'held', remainingMs: 5 }
    }
    void leases.acquire({ ...lease }, new Interrupt())
    expect(requests).toEqual([lease])
    expect(Object.keys(requests[0] ?? {})).not.toContain('notAfterMs')
  })

  test('to release has no bound: late, it frees nothing but its own', async () => {
    const { store, leases } = clientRoom()
    await leases.acquire({ ...lease }, new Interrupt()).reply
    await leases.release(lease).reply
    expect(store.sent('release')[0]?.notAfterMs).toBeUndefined()
  })

  test('has a deadline for its reply and none for its outcome', async () => {
    const { clock, store, leases } = clientRoom()
    store.next(fault.slowReply(3000))
    const sent = leases.extend(lease)
    const reply = watch(clock, sent.reply)
    const outcome = watch(clock, sent.outcome)
    await clock.advance(2000)
    expect(reply.error).toBeInstanceOf(StoreUnavailableError)
    expect(outcome.state).toBe('pending')
    await clock.advance(1000)
    expect(outcome.value).toMatchObject({ state: 'absent' })
  })

  test('says when it was sent, before the store could do anything', async () => {
    const { clock, store, leases } = clientRoom()
    const beforeMs = clock.now()
    const extend = store.extend.bind(store)
    store.extend = (request) => {
      clock.block(40)
      return extend(request)
    }
    expect(leases.extend(lease).sentAtMs).toBe(beforeMs)
  })

  const trouble = new Error('not connected')
  test.each(['acquire', 'extend', 'release', 'inspect'] as const)(
    'of a store that throws is a rejection of the library: %s',
    async (command) => {
      const { clock, store, leases } = clientRoom()
      store.next(fault.throwSync(trouble))
      const called = {
        acquire: () => leases.acquire({ ...lease }, new Interrupt()).reply,
        extend: () => leases.extend(lease).reply,
        release: () => leases.release(lease).reply,
        inspect: () => leases.inspect('k'),
      }
      const call = async () => called[command]()
      const reply = watch<unknown>(clock, call())
      await clock.settle()
      expect(reply.error).toBeInstanceOf(StoreUnavailableError)
    },
  )

  test('to inspect has a deadline', async () => {
    const { clock, store, leases } = clientRoom()
    store.next(fault.dropRequest)
    const inspected = watch(clock, leases.inspect('k'))
    await clock.advance(2000)
    expect(inspected.error).toBeInstanceOf(StoreUnavailableError)
  })
})

describe('the store’s time', () => {
  test('is learnt from any reply that tells it', async () => {
    const { store, leases } = clientRoom()
    await leases.release(lease).reply
    expect(leases.extend(lease).notAfterMs).toBe(store.nowMs() + 2000)
  })

  // The command ran a minute after it was sent, so it seems to say that the store is a minute ahead:
  // the next stale command would be let through for a minute, longer than its undo lasts.
  test('is not learnt from a reply that came after its deadline', async () => {
    const { clock, store, leases } = clientRoom()
    store.next(fault.runLate(60_000), 'acquire')
    watch(clock, leases.acquire({ ...lease }, new Interrupt()).reply)
    await clock.advance(60_000)
    const { notAfterMs = 0 } = leases.extend(lease)
    expect(notAfterMs).toBeLessThanOrEqual(store.nowMs() + 2 * 2000)
  })

  test('bounds an acquire by two deadlines at most, however slow the replies are', async () => {
    const { clock, store, leases } = clientRoom()
    store.next({ requestMs: 1999, replyMs: 0 })
    watch(clock, leases.acquire({ ...lease }, new Interrupt()).reply)
    await clock.advance(1999)
    const { notAfterMs = 0 } = leases.extend(lease)
    expect(notAfterMs).toBeGreaterThanOrEqual(store.nowMs() + 2000)
    expect(notAfterMs).toBeLessThanOrEqual(store.nowMs() + 2 * 2000)
  })
})

describe('an answer', () => {
  const granted = { state: 'granted', remainingMs: 30_000, storeNowMs: 7_000_000 } as const
  const clientOf = (answer: Answer<AcquireReply>) => {
    const clock = new ManualClock()
    const store: LeaseStore = { ...noopStore({ clock }), acquire: () => answer }
    return { clock, leases: new LeaseClient(store, clock, 2000) }
  }

  test('that is given at once is here at once, needs no timer, and tells the store’s time', () => {
    const { clock, leases } = clientOf(granted)
    expect(leases.acquire({ ...lease }, new Interrupt()).reply).toBe(granted)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    expect(leases.extend(lease).notAfterMs).toBe(7_002_000)
  })

  test('may come by a promise of another realm', async () => {
    const Foreign: PromiseConstructor = runInNewContext('Promise')
    const { clock, leases } = clientOf(Foreign.resolve(granted))
    expect(await leases.acquire({ ...lease }, new Interrupt()).reply).toEqual(granted)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    expect(leases.extend(lease).notAfterMs).toBe(7_002_000)
  })
})
