import { describe, expect, test } from '@jest/globals'
import { KEY } from '../helpers/engine-room.ts'
import { rejectionOf } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { holdersOn, quorumRoom } from './quorum-room.ts'

const DOWN = fault.reject(new Error('connect ECONNREFUSED'))
const OPTIONS = { ttl: 3000, grace: 0, renew: false }
const acquire = { key: KEY, token: 'us', ttlMs: 3000 }

describe('a node that restarted empty', () => {
  async function oneForgets() {
    const room = quorumRoom(3)
    const lock = await room.locks.acquire('n', OPTIONS)
    await room.clock.advance(200)
    room.onNode(1).forget(KEY)
    expect(await lock.extend()).toBe(true)
    await room.clock.settle()
    return { ...room, lock }
  }

  test('stays out for the longest ttl: it grants nothing that counts', async () => {
    const { clock, locks, onNode } = await oneForgets()
    onNode(2).standingFault = DOWN
    const error = await rejectionOf(locks.tryAcquire('another'))
    expect(error).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('node 2: it lost what it stored and stays out for 3000 ms'),
    })
    expect(
      onNode(1)
        .sent('acquire')
        .map(({ key }) => key),
    ).toEqual([KEY, KEY])
    await clock.advance(2999)
    expect(await rejectionOf(locks.tryAcquire('another'))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    await clock.advance(1)
    expect(await locks.tryAcquire('another')).not.toBeNull()
  })

  test('gets the lease again behind the renewal, and counts for it from the next', async () => {
    const { clock, lock, nodes, onNode } = await oneForgets()
    expect(holdersOn(nodes, KEY)).toEqual([lock.token, lock.token, lock.token])
    onNode(0).standingFault = DOWN
    await clock.advance(100)
    expect(await lock.extend()).toBe(true)
  })

  test('is not suspected when a release has overtaken the extend', async () => {
    const { clock, locks, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n', OPTIONS)
    onNode(1).next(fault.runLate(100), 'extend')
    expect(await lock.extend()).toBe(true)
    expect(await lock.release()).toBe(true)
    await clock.advance(100)
    onNode(2).standingFault = DOWN
    expect(await locks.tryAcquire('n')).not.toBeNull()
  })

  test('is not suspected when the lease had ended by itself', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    for (const index of [0, 2]) {
      onNode(index).next(fault.answer({ state: 'extended', remainingMs: 9000 }), 'extend')
    }
    await store.acquire(acquire)
    await clock.advance(3001)
    await store.extend(acquire)
    onNode(2).standingFault = DOWN
    expect((await store.acquire({ ...acquire, key: 'another' })).state).toBe('granted')
  })

  test('nor when an extend that may have run made the lease shorter', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    await store.acquire(acquire)
    onNode(1).next(fault.dropReply, 'extend')
    await store.extend({ ...acquire, ttlMs: 100 })
    await store.extend(acquire)
    onNode(1).forget(KEY)
    await clock.advance(600)
    await store.extend(acquire)
    onNode(2).standingFault = DOWN
    expect((await store.acquire({ ...acquire, key: 'another' })).state).toBe('granted')
  })

  test('nor when all have forgotten it: then somebody has ended the lease', async () => {
    const { locks, nodes, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n', OPTIONS)
    for (const node of nodes) node.vacate(KEY, lock.token)
    expect(await lock.extend()).toBe(false)
    onNode(2).standingFault = DOWN
    expect(await locks.tryAcquire('n')).not.toBeNull()
  })
})
