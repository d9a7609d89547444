/** What other quorum locks get wrong, in the numbering of a field study; each is a test here. */
import { expect, test } from '@jest/globals'
import type { LockLostError } from '../../src/errors.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import { quorum } from '../../src/quorum/quorum.ts'
import { KEY, lossOf } from '../helpers/engine-room.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { holdersOn, NODE_TIMEOUT, quorumRoom, sentTo } from './quorum-room.ts'

test.each([2, 4])('A1: a split vote among %i nodes settles, for both', async (count) => {
  const { clock, nodes, store } = quorumRoom(count)
  const rival = quorum([...nodes].reverse(), { clock, nodeTimeout: NODE_TIMEOUT })
  for (const node of nodes) node.requestMs = 5
  for (const node of nodes.slice(count / 2)) node.requestMs = 10
  const asked = [store, rival].map((one, index) => {
    // Each reaches its half first.
    const acquired = one.acquire({ key: KEY, token: `t${index}`, ttlMs: 1000 })
    for (const node of nodes) node.requestMs = 15 - node.requestMs
    return watch(clock, acquired)
  })
  await clock.advance(15)
  expect(asked.map((one) => one.value?.state)).toEqual(['held', 'held'])
  await clock.advance(15)
  expect(holdersOn(nodes, KEY)).toEqual(nodes.map(() => ''))
})

test('A1: two waiters of two nodes both get the lock, one after the other', async () => {
  const { clock, nodes } = quorumRoom(2)
  const waiters = [1, 2].map((seed) => {
    const random = new SeededRandom(seed)
    const store = quorum(nodes, { clock, random, nodeTimeout: NODE_TIMEOUT })
    const locks = createLocks(store, { clock, random, ttl: 1000 })
    return watch(
      clock,
      locks.request('n', async () => seed),
    )
  })
  await clock.advance(2000)
  expect(waiters.map(fulfilled)).toEqual([1, 2])
})

test('A2: a partial lock is given back before the next try, so nobody locks himself out', async () => {
  const { clock, locks, nodes, onNode } = quorumRoom(3)
  onNode(0).occupy(KEY, 'other', 150)
  onNode(1).occupy(KEY, 'other', 150)
  const acquired = watch(clock, locks.acquire('n', { ttl: 30_000, wait: 2000 }))
  await clock.settle()
  expect(holdersOn(nodes, KEY)).toEqual(['other', 'other', ''])
  await clock.advance(400)
  const lock = fulfilled(acquired)
  expect(holdersOn(nodes, KEY)).toEqual([lock.token, lock.token, lock.token])
  const tokens = onNode(2)
    .sent('acquire')
    .map(({ token }) => token)
  expect(new Set(tokens).size).toBe(tokens.length)
})

test('A3: the release of an expired lock is false at once, without a command', async () => {
  const { clock, locks, nodes } = quorumRoom(3)
  const lock = await locks.acquire('n', { ttl: 1000, renew: false })
  await clock.advance(1100)
  expect(await lock.release()).toBe(false)
  expect(sentTo(nodes, 'release')).toEqual([0, 0, 0])
})

test('A4: the signal aborts at the deadline, and the result is not lost', async () => {
  const { clock, locks, nodes } = quorumRoom(3)
  let abortedAtMs = 0
  const used = watch(
    clock,
    locks.request('n', { ttl: 1000, grace: 0 }, async (lock) => {
      lock.signal.onabort = () => {
        abortedAtMs = clock.elapsed
      }
      for (const node of nodes) node.standingFault = fault.dropRequest
      await new Promise<void>((resolve) => clock.after(1400, resolve))
      return 'the result'
    }),
  )
  await clock.advance(1000)
  expect(abortedAtMs).toBeGreaterThan(980)
  expect(abortedAtMs).toBeLessThanOrEqual(1000 - 10 - 2)
  await clock.advance(400)
  expect(used.atMs).toBeDefined()
  const error = used.error as LockLostError
  expect([error.code, error.result]).toEqual(['LOCK_LOST', 'the result'])
})

test('A5: what has expired on the way is not a lock', async () => {
  const { clock, locks, nodes } = quorumRoom(3)
  for (const node of nodes) node.replyMs = 300
  const tried = watch(clock, locks.tryAcquire('n', { ttl: 200, grace: 0 }))
  await clock.advance(300)
  expect(fulfilled(tried)).toBeNull()
})

test.each([100, 300, 1000, 1250])(
  'A6: a lock of %i ms is not renewed in a hot loop',
  async (ttl) => {
    const { clock, locks, nodes } = quorumRoom(3)
    await locks.acquire('n', { ttl })
    await clock.advance(10 * ttl)
    for (const sent of sentTo(nodes, 'extend')) {
      expect(sent).toBeGreaterThanOrEqual(28)
      expect(sent).toBeLessThanOrEqual(36)
    }
  },
)

test('A7: cut off from all nodes, the holder knows before anybody else gets the lock', async () => {
  const { clock, locks, nodes } = quorumRoom(3)
  const lock = await locks.acquire('n', { ttl: 3000, grace: 100 })
  await clock.advance(500)
  for (const node of nodes) node.standingFault = fault.dropRequest
  let abortedAtMs = Number.POSITIVE_INFINITY
  lock.signal.onabort = () => {
    abortedAtMs = clock.elapsed
  }
  await clock.advance(2499)
  expect(lossOf(lock)).toBe('unreachable')
  expect(abortedAtMs).toBeLessThan(3000)
  expect(holdersOn(nodes, KEY)).toEqual([lock.token, lock.token, lock.token])
})

test('A8: a failed renewal rejects nowhere, and the lock is held until its deadline', async () => {
  const { clock, locks, nodes, events } = quorumRoom(3)
  const lock = await locks.acquire('n', { ttl: 3000 })
  for (const node of nodes) node.standingFault = fault.reject(new Error('read ECONNRESET'))
  await clock.advance(1500)
  expect(lock.held).toBe(true)
  expect(events.map(({ type }) => type)).toContain('store-error')
  for (const node of nodes) node.standingFault = undefined
  await clock.advance(3000)
  expect(lock.held).toBe(true)
})

test('what a peer leaves out: a majority lost one node at a time is noticed', async () => {
  const { clock, locks, nodes, onNode } = quorumRoom(3)
  const lock = await locks.acquire('n', { ttl: 3000, grace: 0 })
  onNode(0).forget(KEY)
  await clock.advance(1500)
  expect(holdersOn(nodes, KEY)).toEqual([lock.token, lock.token, lock.token])
  onNode(1).forget(KEY)
  await clock.advance(1000)
  expect(lock.held).toBe(true)
  onNode(1).forget(KEY)
  onNode(2).forget(KEY)
  await clock.advance(1000)
  expect(lossOf(lock)).toBe('deleted')
  expect(await rejectionOf(Promise.reject(lock.signal.reason))).toMatchObject({ code: 'LOCK_LOST' })
})
