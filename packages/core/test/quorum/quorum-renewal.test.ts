import { describe, expect, test } from '@jest/globals'
import { KEY, lossOf } from '../helpers/engine-room.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { at, holdersOn, NODE_TIMEOUT, quorumRoom, sentTo } from './quorum-room.ts'

const DOWN = fault.reject(new Error('connect ECONNREFUSED'))
const OPTIONS = { ttl: 3000, grace: 0, renew: false }
const acquire = { key: KEY, token: 'us', ttlMs: 3000 }

describe('an extend', () => {
  test('counts the nodes that have extended: a majority of them is the lock', async () => {
    const { clock, locks, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n', OPTIONS)
    onNode(1).standingFault = DOWN
    await clock.advance(1000)
    expect(await lock.extend()).toBe(true)
    expect(lock.remaining).toBeCloseTo(3000 - 30 - 2, 6)
  })

  test('of a minority alone moves nothing: the old deadline stands', async () => {
    const { clock, locks, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n', OPTIONS)
    await clock.advance(1000)
    onNode(1).standingFault = DOWN
    onNode(2).standingFault = DOWN
    expect(await rejectionOf(lock.extend())).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(lock.remaining).toBeCloseTo(2000 - 30 - 2, 6)
  })

  test('that finds no majority any more is a loss, and gives the rest back', async () => {
    const { clock, locks, nodes, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n', OPTIONS)
    onNode(0).forget(KEY)
    onNode(1).forget(KEY)
    expect(await lock.extend()).toBe(false)
    expect(lossOf(lock)).toBe('deleted')
    await clock.settle()
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
    expect(sentTo(nodes, 'acquire')).toEqual([1, 1, 1])
  })

  test('that finds somebody else says so', async () => {
    const { locks, nodes } = quorumRoom(3)
    const lock = await locks.acquire('n', OPTIONS)
    for (const node of nodes.slice(1)) {
      node.forget(KEY)
      node.occupy(KEY, 'other', 5000)
    }
    expect(await lock.extend()).toBe(false)
    expect(lossOf(lock)).toBe('stolen')
  })

  test('lasts as long as the majority does', async () => {
    const { store, onNode } = quorumRoom(3)
    await store.acquire(acquire)
    onNode(1).next(fault.answer({ state: 'extended', remainingMs: 400 }), 'extend')
    expect(await store.extend(acquire)).toEqual({ state: 'extended', remainingMs: 400 })
  })

  test('is believed no longer than an earlier one without an answer, which may run behind it', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    for (const index of [0, 1, 2]) onNode(index).tellsTime = false
    await store.acquire(acquire)
    onNode(0).next(fault.runLate(NODE_TIMEOUT + 300), 'extend')
    onNode(1).next(fault.runLate(NODE_TIMEOUT + 300), 'extend')
    const short = watch(clock, store.extend({ ...acquire, ttlMs: 1000 }))
    await clock.advance(NODE_TIMEOUT)
    expect(short.state).toBe('rejected')
    onNode(2).standingFault = DOWN
    expect(await store.extend({ ...acquire, ttlMs: 9000 })).toEqual({
      state: 'extended',
      remainingMs: 1000,
    })
    await clock.advance(300)
    expect(onNode(0).remainingMs(KEY)).toBe(1000)
  })

  test('waits on each node for an earlier, shorter one', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    await store.acquire(acquire)
    for (const index of [0, 1]) onNode(index).next(fault.runLate(300), 'extend')
    watch(clock, store.extend({ ...acquire, ttlMs: 1000 }))
    const long = watch(clock, store.extend({ ...acquire, ttlMs: 9000 }))
    await clock.advance(299)
    expect(long.state).toBe('pending')
    await clock.advance(1)
    expect(fulfilled(long)).toEqual({ state: 'extended', remainingMs: 9000 })
    expect([0, 1, 2].map((index) => onNode(index).remainingMs(KEY))).toEqual([9000, 9000, 8700])
  })

  test('that waits is not sent behind the release', async () => {
    const { clock, store, nodes, onNode } = quorumRoom(3)
    await store.acquire(acquire)
    for (const index of [0, 1]) onNode(index).next(fault.slowReply(300), 'extend')
    watch(clock, store.extend({ ...acquire, ttlMs: 1000 }))
    watch(clock, store.extend({ ...acquire, ttlMs: 9000 }))
    await store.release(acquire)
    await clock.advance(1000)
    expect(sentTo(nodes, 'extend')).toEqual([1, 1, 1])
  })
})

describe('a node without the lease', () => {
  async function lackingOne() {
    const room = quorumRoom(3)
    room.onNode(2).next(DOWN, 'acquire')
    const lock = await room.locks.acquire('n', OPTIONS)
    await room.clock.advance(200)
    expect(holdersOn(room.nodes, KEY)).toEqual([lock.token, lock.token, ''])
    return { ...room, lock }
  }

  test('gets it behind a renewal, with the same token', async () => {
    const { clock, lock, nodes } = await lackingOne()
    expect(await lock.extend()).toBe(true)
    await clock.settle()
    expect(holdersOn(nodes, KEY)).toEqual([lock.token, lock.token, lock.token])
    expect(sentTo(nodes, 'acquire')).toEqual([1, 1, 2])
  })

  test('does not get it without a renewal', async () => {
    const { clock, lock, nodes, onNode } = await lackingOne()
    onNode(0).next(DOWN, 'extend')
    expect(await rejectionOf(lock.extend())).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await clock.settle()
    expect(sentTo(nodes, 'acquire')).toEqual([1, 1, 1])
  })

  test('counts from the next renewal on, not from this one', async () => {
    const { clock, lock, onNode } = await lackingOne()
    onNode(0).next(DOWN, 'extend')
    expect(await rejectionOf(lock.extend())).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await lock.extend()).toBe(true)
    await clock.settle()
    onNode(0).next(DOWN, 'extend')
    expect(await lock.extend()).toBe(true)
  })

  test('is not given it when the renewal was answered after the release', async () => {
    const { clock, lock, nodes, onNode } = await lackingOne()
    onNode(2).next(fault.slowReply(100), 'extend')
    expect(await lock.extend()).toBe(true)
    expect(await lock.release()).toBe(true)
    await clock.advance(NODE_TIMEOUT)
    expect(sentTo(nodes, 'acquire')).toEqual([1, 1, 1])
  })

  test('gives it back when the release overtakes the acquire', async () => {
    const { clock, lock, nodes, onNode } = await lackingOne()
    onNode(2).next(fault.runLate(300), 'acquire')
    expect(await lock.extend()).toBe(true)
    await clock.settle()
    expect(await lock.release()).toBe(true)
    await clock.advance(2000)
    expect(at(onNode(2).sent('acquire'), 1).ranAtMs).toBeDefined()
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
  })

  test('is left alone where somebody else holds it', async () => {
    const { clock, lock, nodes, onNode } = await lackingOne()
    onNode(2).occupy(KEY, 'other', 60_000)
    expect(await lock.extend()).toBe(true)
    await clock.settle()
    expect(sentTo(nodes, 'acquire')).toEqual([1, 1, 1])
    expect(holdersOn(nodes, KEY)[2]).toBe('other')
  })
})

test('leases that end by themselves leave nothing in memory', async () => {
  const { clock, store } = quorumRoom(3)
  for (let i = 0; i < 100; i++) await store.acquire({ ...acquire, key: `k${i}`, token: `t${i}` })
  await clock.advance(6001)
  await store.acquire({ ...acquire, key: 'last', token: 'last' })
  // A dropped claim is one that the quorum does not know: it takes nothing back for it.
  expect(await store.release({ key: 'k0', token: 't0' })).toEqual({ state: 'absent' })
})
