import { describe, expect, test } from '@jest/globals'
import { StoreUnavailableError } from '../../src/errors.ts'
import { KEY } from '../helpers/engine-room.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { holdersOn, quorumRoom, sentTo } from './quorum-room.ts'
import { acquire, REFUSED, stage } from './staged-answers.ts'

describe('what comes to nothing', () => {
  test('is taken back from whoever granted it or did not answer, and at once', async () => {
    const { nodes, clock, store } = stage(['ok', 'silent', 'held', 'held', 'held'])
    expect((await store.acquire(acquire)).state).toBe('held')
    await clock.settle()
    expect(holdersOn(nodes, KEY)).toEqual(['', '', 'other', 'other', 'other'])
  })

  test('is taken back from a node that refused it as late: a first copy of it may have run', async () => {
    const { clock, store, nodes, onNode } = stage(['held', 'held', 'late'])
    onNode(2).occupy(KEY, 'us', 60_000)
    await store.acquire(acquire)
    await clock.settle()
    expect(holdersOn(nodes, KEY)).toEqual(['other', 'other', ''])
  })

  test('is taken back behind an acquire that runs late', async () => {
    const { clock, store, nodes, onNode } = quorumRoom(3)
    onNode(0).occupy(KEY, 'other', 60_000)
    onNode(1).occupy(KEY, 'other', 60_000)
    onNode(2).next(fault.runLate(300), 'acquire')
    expect((await store.acquire({ ...acquire, ttlMs: 60_000 })).state).toBe('held')
    await clock.advance(299)
    expect(sentTo(nodes, 'release')[2]).toBeGreaterThan(0)
    await clock.advance(1000)
    expect(holdersOn(nodes, KEY)[2]).toBe('')
  })

  test.each(['refused', 'given up'])(
    'a node that is still giving back is not asked by a try that is %s meanwhile',
    async (how) => {
      const { clock, store, nodes, onNode } = quorumRoom(3)
      const request = { ...acquire, ttlMs: 60_000 }
      onNode(0).occupy(KEY, 'other', 60_000)
      onNode(1).occupy(KEY, 'other', 60_000)
      onNode(2).next(fault.slowReply(300), 'release')
      expect((await store.acquire(request)).state).toBe('held')
      if (how === 'given up') {
        for (const node of nodes.slice(0, 2)) await node.release({ key: KEY, token: 'other' })
      }
      const { state } = await store.acquire(request)
      expect(state).toBe(how === 'refused' ? 'held' : 'granted')
      if (how === 'given up') expect((await store.release(acquire)).state).toBe('released')
      await clock.advance(2000)
      expect(onNode(2).sent('acquire')).toHaveLength(1)
      expect(holdersOn(nodes, KEY)[2]).toBe('')
    },
  )

  test('the next try of a token is not hit by what takes back the ones before', async () => {
    const { clock, store, nodes, onNode } = quorumRoom(3)
    const request = { ...acquire, ttlMs: 60_000 }
    onNode(0).occupy(KEY, 'other', 60_000)
    onNode(1).occupy(KEY, 'other', 60_000)
    onNode(2).next(fault.slowReply(300), 'acquire')
    onNode(2).next(fault.slowReply(300), 'release')
    onNode(2).next(fault.slowReply(100), 'release')
    expect((await store.acquire(request)).state).toBe('held')
    await clock.advance(50)
    expect((await store.acquire(request)).state).toBe('held')
    await onNode(1).release({ key: KEY, token: 'other' })
    const third = watch(clock, store.acquire(request))
    await clock.advance(2000)
    expect(third.value?.state).toBe('granted')
    expect(holdersOn(nodes, KEY)).toEqual(['other', 'us', 'us'])
  })

  test('is taken back when a node comes up again', async () => {
    const { clock, store, nodes, onNode } = quorumRoom(3)
    onNode(0).next(fault.runThenReject(new Error('read ECONNRESET')), 'acquire')
    onNode(1).next(REFUSED, 'acquire')
    await rejectionOf(store.acquire({ ...acquire, ttlMs: 60_000 }))
    for (const node of nodes) node.standingFault = REFUSED
    await clock.advance(5000)
    expect(holdersOn(nodes, KEY)).toEqual([expect.anything(), '', ''])
    for (const node of nodes) node.standingFault = undefined
    await clock.advance(1100)
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
  })

  test('a release reaches the nodes that were down when it was sent', async () => {
    const { clock, locks, nodes, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n')
    onNode(1).standingFault = fault.dropRequest
    const released = watch(clock, lock.release())
    await clock.settle()
    expect(fulfilled(released)).toBe(true)
    await clock.advance(3000)
    expect(holdersOn(nodes, KEY)[1]).not.toBe('')
    onNode(1).standingFault = undefined
    await clock.advance(1500)
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
  })

  test('a release undoes an acquire that runs behind it', async () => {
    const { clock, locks, nodes, onNode } = quorumRoom(3)
    onNode(2).next(fault.runLate(300), 'acquire')
    const lock = await locks.acquire('n')
    expect(await lock.release()).toBe(true)
    await clock.advance(1500)
    expect(onNode(2).sent('acquire')[0]?.ranAtMs).toBeDefined()
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
  })

  test('a release is repeated on a node whose acquire was overtaken by an extend', async () => {
    const { clock, store, nodes, onNode } = quorumRoom(3)
    const request = { ...acquire, ttlMs: 60_000 }
    onNode(2).next(fault.runLate(100), 'acquire')
    expect((await store.acquire(request)).state).toBe('granted')
    onNode(0).next(REFUSED, 'extend')
    onNode(2).next(fault.slowReply(200), 'extend')
    const extending = watch(clock, store.extend(request))
    await clock.advance(300)
    expect(extending.state).toBe('rejected')
    onNode(2).next(REFUSED, 'release')
    expect((await store.release(request)).state).toBe('released')
    await clock.advance(2000)
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
  })

  test('a release that finds nothing says so', async () => {
    const { store, nodes } = quorumRoom(3)
    expect(await store.release({ key: KEY, token: 'nobody' })).toEqual({ state: 'absent' })
    for (const node of nodes) node.occupy(KEY, 'other', 5000)
    expect(await store.release({ key: KEY, token: 'nobody' })).toEqual({ state: 'taken' })
  })

  test('a release without a majority of answers rejects, and is repeated', async () => {
    const { clock, locks, nodes, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n')
    onNode(0).standingFault = REFUSED
    onNode(1).standingFault = REFUSED
    expect(await rejectionOf(lock.release())).toBeInstanceOf(StoreUnavailableError)
    for (const node of nodes) node.standingFault = undefined
    await clock.advance(2000)
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
  })
})
