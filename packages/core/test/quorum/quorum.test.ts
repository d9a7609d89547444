import { describe, expect, test } from '@jest/globals'
import type { LeaseStore } from '../../src/contract/lease-store.ts'
import { quorum } from '../../src/quorum/quorum.ts'
import { GRACE, KEY, TTL } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { StepStore } from '../helpers/step-store.ts'
import { at, quorumRoom, sentTo } from './quorum-room.ts'
import { acquire, REFUSED } from './staged-answers.ts'

describe('what it is made of', () => {
  const store = new StepStore(new ManualClock())
  const { inspect: _, ...withoutInspect } = { ...store, inspect: undefined }

  test.each([
    ['nothing', []],
    ['no array', store],
    ['undefined', undefined],
    ['a store twice', [store, store]],
    ['something that is no store', [store, {}]],
    ['null', [null]],
    ['a store without a method', [withoutInspect]],
    ['a hole', new Array(3)],
    ['a quorum', [quorum([store]), store]],
  ])('%s is refused', (_what, stores) => {
    expect(() => quorum(stores as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })

  test.each([
    ['a node timeout of nothing', { nodeTimeout: 0 }],
    ['a node timeout that is no time', { nodeTimeout: 'soon' }],
    ['options that are none', null],
  ])('%s is refused', (_what, options) => {
    expect(() => quorum([store], options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })

  test('its facts are those of its weakest node, without a fence', () => {
    const coarse: LeaseStore = Object.assign(new StepStore(new ManualClock()), {
      facts: { ttlResolutionMs: 1000, durability: 'volatile', fencing: false, exclusive: true },
    })
    expect(quorum([store, coarse]).facts).toEqual({
      ttlResolutionMs: 1000,
      durability: 'quorum',
      fencing: false,
      exclusive: true,
    })
    const open: LeaseStore = Object.assign(new StepStore(new ManualClock()), {
      facts: { ttlResolutionMs: 1, durability: 'none', fencing: false, exclusive: false },
    })
    expect(quorum([store, open]).facts.exclusive).toBe(false)
  })

  test('units, capacities and places in a queue are refused before anything is sent', async () => {
    const { store, nodes } = quorumRoom(3)
    const waiter = { subscriber: 'me', grantMs: 1000 }
    for (const more of [{ units: 2, capacity: 2 }, { capacity: 5 }, { waiter }]) {
      await expect(store.acquire({ ...acquire, ...more })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      })
    }
    expect(sentTo(nodes)).toEqual([0, 0, 0])
  })
})

describe('inspect', () => {
  test.each([
    ['a majority holds', ['us', 'us', 'down'], { token: 'us', remainingMs: 2000 }],
    ['all hold', ['us', 'us', 'us'], { token: 'us', remainingMs: 2000 }],
    ['nobody has a majority', ['us', 'other', ''], undefined],
    ['two are empty', ['', '', 'down'], undefined],
    ['it may be a majority', ['us', 'down', ''], 'STORE_UNAVAILABLE'],
    ['too many are down', ['', 'down', 'down'], 'STORE_UNAVAILABLE'],
  ] as const)('%s', async (_what, nodes, expected) => {
    const { store, onNode } = quorumRoom(3)
    nodes.forEach((token, index) => {
      if (token === 'down') onNode(index).standingFault = REFUSED
      else if (token) onNode(index).occupy(KEY, token, [3000, 2000, 1000][index] ?? 0)
    })
    const found = await store.inspect(KEY).catch((error: { code: string }) => error.code)
    if (typeof expected === 'string') expect(found).toBe(expected)
    else
      expect(found).toEqual({
        capacity: 1,
        waiters: 0,
        holders: expected ? [{ ...expected, units: 1 }] : [],
      })
  })

  test('waits for a node that may make a majority', async () => {
    const { clock, store, nodes, onNode } = quorumRoom(3)
    for (const node of nodes) node.occupy(KEY, 'us', 2000)
    onNode(0).next(REFUSED, 'inspect')
    onNode(1).replyMs = 100
    const inspected = watch(clock, store.inspect(KEY))
    await clock.advance(100)
    expect(fulfilled(inspected).holders).toHaveLength(1)
  })
})

test('the ttl of the locks is what each node is asked for', async () => {
  const { locks, nodes } = quorumRoom(3)
  await locks.acquire('n')
  expect(nodes.map((node) => at(node.sent('acquire'), 0).ttlMs)).toEqual([
    TTL + GRACE,
    TTL + GRACE,
    TTL + GRACE,
  ])
})
