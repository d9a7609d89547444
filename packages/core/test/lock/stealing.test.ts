import { expect, test } from '@jest/globals'
import type { AcquireReply, ExtendReply } from '../../src/contract/lease-store.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import { KEY } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault, StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

const granted = (fence: number) => ({ state: 'granted', remainingMs: 30_000, fence }) as const

/** Of two acquisitions in one process, a steal and a later one, the answer to the steal comes last. */
async function stealAnsweredLate(stealsFence: number, laterFence: number) {
  const clock = new ManualClock()
  const store = new StepStore(clock)
  let answer = (_reply: AcquireReply) => {}
  const steal = () => new Promise<AcquireReply>((resolve) => (answer = resolve))
  const locks = createLocks(Object.assign(store, { steal }), { clock, grace: 0 })
  const stealing = watch(clock, locks.tryAcquire('n', { steal: true }))
  store.next(fault.answer(granted(laterFence)), 'acquire')
  const later = await locks.acquire('n')
  answer({ ...granted(stealsFence), kept: false })
  await clock.settle()
  return { later, stolen: fulfilled(stealing), store }
}

test('a steal whose answer comes behind a younger grant to the same process is not a grant, and is undone', async () => {
  const { later, stolen, store } = await stealAnsweredLate(5, 7)
  expect(stolen).toBeNull()
  expect(later.held).toBe(true)
  const [undone] = store.sent('release')
  expect(undone).toMatchObject({ key: KEY })
  expect(undone?.token).not.toBe(later.token)
})

test('a steal that was executed last deposes whatever its process holds', async () => {
  const { later, stolen } = await stealAnsweredLate(9, 7)
  expect(stolen?.fence).toBe(9)
  expect(later.held).toBe(false)
  expect(later.signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'stolen' })
})

test('what its own process has stolen meanwhile is not adopted', async () => {
  const clock = new ManualClock()
  const store = new StepStore(clock)
  let answer = (_reply: ExtendReply) => {}
  const steal = async (): Promise<AcquireReply> => ({ ...granted(9), kept: false })
  const extend = () => new Promise<ExtendReply>((resolve) => (answer = resolve))
  const locks = createLocks(Object.assign(store, { steal, extend }), { clock, grace: 0 })
  store.next(fault.answer(granted(7)), 'acquire')
  const grant = (await locks.acquire('n')).handover()
  const rejected = rejectionOf(locks.adopt(grant))
  const thief = await locks.acquire('n', { steal: true })
  answer({ state: 'extended', remainingMs: 30_000 })
  expect(await rejected).toMatchObject({ code: 'LOCK_LOST', reason: 'stolen' })
  expect(thief.held).toBe(true)
})
