import { describe, expect, test } from '@jest/globals'
import { UNDOS_AT_ONCE } from '../../src/lock/undo-lane.ts'
import { KEY } from '../helpers/engine-room.ts'
import { watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { holdersOn, NODE_TIMEOUT, quorumRoom, sentTo } from './quorum-room.ts'
import { acquire, REFUSED } from './staged-answers.ts'

describe('close', () => {
  test('closes every node, behind what is taken back', async () => {
    const { clock, nodes, store, onNode } = quorumRoom(3)
    onNode(0).occupy(KEY, 'other', 60_000)
    onNode(1).occupy(KEY, 'other', 60_000)
    onNode(2).replyMs = 30
    await store.acquire(acquire)
    const closed = watch(clock, store.close?.() ?? Promise.resolve())
    await clock.advance(29)
    expect(nodes.map((node) => node.closeCount)).toEqual([0, 0, 0])
    await clock.advance(31)
    expect(closed.state).toBe('fulfilled')
    expect(nodes.map((node) => node.closeCount)).toEqual([1, 1, 1])
  })

  test('waits one node timeout at most', async () => {
    const { clock, nodes, store, onNode } = quorumRoom(3)
    onNode(0).occupy(KEY, 'other', 60_000)
    onNode(1).occupy(KEY, 'other', 60_000)
    onNode(2).standingFault = fault.dropRequest
    await store.acquire(acquire)
    const closed = watch(clock, store.close?.() ?? Promise.resolve())
    await clock.advance(NODE_TIMEOUT)
    expect(closed.state).toBe('fulfilled')
    expect(nodes.map((node) => node.closeCount)).toEqual([1, 1, 1])
  })

  test('ends what a node that does not answer was to give back', async () => {
    const { clock, locks, nodes, store, onNode } = quorumRoom(3)
    for (let i = 0; i <= UNDOS_AT_ONCE; i++) await locks.acquire(`n${i}`, { ttl: '1h' })
    onNode(2).standingFault = REFUSED
    const released = watch(clock, locks.close())
    await clock.settle()
    expect(released.state).toBe('fulfilled')
    const closed = watch(clock, store.close?.() ?? Promise.resolve())
    // Each of those under way pauses for a second at most.
    await clock.advance(NODE_TIMEOUT + 1000)
    expect(closed.state).toBe('fulfilled')
    const sent = sentTo(nodes)
    await clock.advance(60_000)
    expect(sentTo(nodes)).toEqual(sent)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('gives back what a node answers only now', async () => {
    const { clock, locks, nodes, store, onNode } = quorumRoom(3)
    const lock = await locks.acquire('n', { ttl: '1h' })
    onNode(2).standingFault = REFUSED
    await lock.release()
    const closed = watch(clock, store.close?.() ?? Promise.resolve())
    await clock.advance(NODE_TIMEOUT)
    expect(closed.state).toBe('fulfilled')
    onNode(2).standingFault = undefined
    await clock.advance(2000)
    expect(holdersOn(nodes, KEY)).toEqual(['', '', ''])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })
})
