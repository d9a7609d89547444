import { describe, expect, test } from '@jest/globals'
import type { LeaseStore } from '../../src/contract/lease-store.ts'
import { StoreUnavailableError } from '../../src/errors.ts'
import { quorum } from '../../src/quorum/quorum.ts'
import { GRACE, KEY, TTL } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault, StepStore } from '../helpers/step-store.ts'
import { at, holdersOn, NODE_TIMEOUT, quorumRoom, sentTo } from './quorum-room.ts'

const acquire = { key: KEY, token: 'us', ttlMs: 1000 }
const REFUSED = fault.reject(new Error('connect ECONNREFUSED redis://user:secret@10.0.0.1:6379'))

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

type Answer = 'ok' | 'held' | 'down' | 'silent' | 'foreign' | 'late'

/** Lets each node answer the next acquire so. */
function stage(answers: readonly Answer[]) {
  const room = quorumRoom(answers.length)
  answers.forEach((answer, index) => {
    const node = room.onNode(index)
    if (answer === 'held') node.occupy(KEY, 'other', 60_000)
    if (answer === 'down') node.next(REFUSED, 'acquire')
    if (answer === 'silent') node.next(fault.dropReply, 'acquire')
    if (answer === 'late') node.next(fault.answer({ state: 'late', storeNowMs: 1 }), 'acquire')
    if (answer === 'foreign') {
      const foreign = Object.assign(new Error('not a lease'), {
        code: 'CONFLICT',
        [Symbol.for('@locks/error')]: true,
      })
      node.next(fault.reject(foreign), 'acquire')
    }
  })
  return room
}

async function outcomeOf(answers: readonly Answer[]) {
  const room = stage(answers)
  const acquired = watch(room.clock, room.store.acquire(acquire))
  await room.clock.advance(NODE_TIMEOUT)
  const { state, value, error } = acquired
  return {
    ...room,
    error: error as StoreUnavailableError,
    is: state === 'rejected' ? (error as { code: string }).code : (value?.state ?? state),
  }
}

describe('who gets it', () => {
  test.each<[Answer[], string]>([
    [['ok', 'ok', 'ok'], 'granted'],
    [['ok', 'ok', 'held'], 'granted'],
    [['ok', 'ok', 'down'], 'granted'],
    [['ok', 'ok', 'silent'], 'granted'],
    [['held', 'ok', 'ok'], 'granted'],
    [['ok', 'held', 'down'], 'STORE_UNAVAILABLE'],
    [['ok', 'down', 'down'], 'STORE_UNAVAILABLE'],
    [['ok', 'held', 'held'], 'held'],
    [['down', 'down', 'down'], 'STORE_UNAVAILABLE'],
    [['held', 'held', 'held'], 'held'],
  ])('[C74] of three nodes %j: %s', async (answers, expected) => {
    const { is, error } = await outcomeOf(answers)
    expect(is).toBe(expected)
    if (expected !== 'STORE_UNAVAILABLE') return
    const down = answers.filter((answer) => answer === 'down').length
    // Two that fail decide it.
    expect((error.cause as AggregateError).errors).toHaveLength(Math.min(2, down))
  })

  test.each<[Answer[], string]>([
    // Trouble with a node counts before a refusal, wherever it may have changed the outcome …
    [['ok', 'held', 'down'], 'STORE_UNAVAILABLE'],
    [['ok', 'down', 'foreign'], 'STORE_UNAVAILABLE'],
    [['held', 'silent', 'down'], 'STORE_UNAVAILABLE'],
    [['ok', 'late', 'held'], 'STORE_UNAVAILABLE'],
    // … and a refusal that stands without it is one.
    [['held', 'held', 'down'], 'held'],
    [['held', 'foreign', 'down'], 'held'],
    [['foreign', 'foreign', 'ok'], 'CONFLICT'],
    [['foreign', 'foreign', 'held'], 'CONFLICT'],
  ])('[C75] which error wins, of %j: %s', async (answers, expected) => {
    expect((await outcomeOf(answers)).is).toBe(expected)
  })

  test.each<[Answer[], string]>([
    [['ok', 'held'], 'held'],
    [['ok', 'down'], 'STORE_UNAVAILABLE'],
    [['down', 'ok'], 'STORE_UNAVAILABLE'],
    [['ok', 'silent'], 'STORE_UNAVAILABLE'],
    [['held', 'down'], 'held'],
    [['ok', 'ok'], 'granted'],
  ])('[C76] of two nodes %j: %s, and both are asked', async (answers, expected) => {
    const { is, nodes, clock } = await outcomeOf(answers)
    expect(is).toBe(expected)
    expect(sentTo(nodes, 'acquire')).toEqual([1, 1])
    await clock.advance(2000)
    if (expected !== 'granted') expect(holdersOn(nodes, KEY)).not.toContain('us')
  })

  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
  ])('of %i nodes, %i make a majority', async (count, majority) => {
    const answers = (ok: number): Answer[] =>
      Array.from({ length: count }, (_, index) => (index < ok ? 'ok' : 'down'))
    expect((await outcomeOf(answers(majority))).is).toBe('granted')
    expect((await outcomeOf(answers(majority - 1))).is).toBe('STORE_UNAVAILABLE')
  })

  test('an error names each node that failed, and no secret', async () => {
    const { error } = await outcomeOf(['down', 'ok', 'silent'])
    expect(error.message).toBe(
      'no majority of 3 nodes: node 1: the store failed: Error: connect ECONNREFUSED ' +
        'redis://***@10.0.0.1:6379; node 3: the store did not answer within 500 ms',
    )
    const { errors } = error.cause as AggregateError
    expect(errors.map((one: Error) => one.message)).toEqual([
      expect.stringMatching(/^node 1: .*ECONNREFUSED/),
      'node 3: the store did not answer within 500 ms',
    ])
    const printed = JSON.stringify(errors.map((one: Error) => [one.stack, Object.entries(one)]))
    expect(printed).not.toMatch(/secret|token|us"/)
  })

  test('capacities that differ on a majority are named; on a minority they are refusals', async () => {
    const mismatch = fault.answer({ state: 'mismatch', capacity: 7 })
    const room = quorumRoom(3)
    room.onNode(0).next(mismatch, 'acquire')
    room.onNode(1).next(mismatch, 'acquire')
    expect(await room.store.acquire(acquire)).toEqual({ state: 'mismatch', capacity: 7 })
    room.onNode(0).next(mismatch, 'acquire')
    room.onNode(1).occupy(KEY, 'other', 5000)
    expect(await room.store.acquire(acquire)).toEqual({ state: 'held', remainingMs: 5000 })
  })
})

describe('how long it takes', () => {
  test('a majority that grants decides without waiting for the others', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    onNode(1).standingFault = fault.dropRequest
    for (const index of [0, 2]) onNode(index).replyMs = 20
    const acquired = watch(clock, store.acquire(acquire))
    await clock.advance(20)
    expect(fulfilled(acquired).state).toBe('granted')
  })

  test('so many that refuse that no majority is left decide, too', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    onNode(0).standingFault = fault.dropRequest
    for (const index of [1, 2]) onNode(index).occupy(KEY, 'other', 5000)
    const acquired = watch(clock, store.acquire(acquire))
    await clock.settle()
    expect(fulfilled(acquired)).toEqual({ state: 'held', remainingMs: 5000 })
  })

  test('a node on which the outcome hangs is awaited for its timeout', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    onNode(0).standingFault = REFUSED
    onNode(1).standingFault = fault.dropRequest
    const acquired = watch(clock, store.acquire(acquire))
    await clock.advance(NODE_TIMEOUT - 1)
    expect(acquired.state).toBe('pending')
    await clock.advance(1)
    expect(acquired.state).toBe('rejected')
  })

  test('one on which nothing hangs any more is not', async () => {
    const { clock, store, onNode } = quorumRoom(3)
    onNode(0).standingFault = REFUSED
    onNode(1).standingFault = REFUSED
    onNode(2).standingFault = fault.dropRequest
    const acquired = watch(clock, store.acquire(acquire))
    await clock.settle()
    expect(acquired.state).toBe('rejected')
  })

  test('each operation is one round: one command to each node, all at once', async () => {
    const { clock, nodes, locks, onNode } = quorumRoom(5)
    for (const node of nodes) node.requestMs = 40
    onNode(3).standingFault = fault.dropRequest
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(40)
    const lock = fulfilled(acquired)
    const extended = watch(clock, lock.extend())
    await clock.advance(40)
    expect(fulfilled(extended)).toBe(true)
    const verified = watch(clock, lock.verify())
    await clock.advance(40)
    expect(fulfilled(verified)).toBe(true)
    const released = watch(clock, lock.release())
    await clock.advance(40)
    expect(fulfilled(released)).toBe(true)
    for (const command of ['acquire', 'extend', 'inspect', 'release'] as const) {
      expect(sentTo(nodes, command)).toEqual([1, 1, 1, 1, 1])
    }
  })

  test('how long the others hold it is the time until a majority may be free', async () => {
    const { store, onNode } = quorumRoom(5)
    ;[9000, 2000, 5000, 7000].forEach((ttlMs, index) => {
      onNode(index).occupy(KEY, `other-${index}`, ttlMs)
    })
    // Three have refused; with one of them fewer a majority is possible.
    expect(await store.acquire(acquire)).toEqual({ state: 'held', remainingMs: 2000 })
  })
})

describe('what is granted', () => {
  test('lasts as long as the majority does', async () => {
    const { store, onNode } = quorumRoom(3)
    onNode(0).next(fault.answer({ state: 'granted', remainingMs: 700 }), 'acquire')
    expect(await store.acquire(acquire)).toEqual({ state: 'granted', remainingMs: 700 })
  })

  test('is believed from before the sending, whoever answered last', async () => {
    const { clock, locks, nodes, onNode } = quorumRoom(3)
    onNode(0).replyMs = 100
    onNode(1).replyMs = 400
    onNode(2).standingFault = fault.dropReply
    const acquired = watch(clock, locks.acquire('n', { ttl: 1000, grace: 50 }))
    await clock.advance(400)
    expect(fulfilled(acquired).remaining).toBe(Math.floor(1000 - 0.01 * 1050 - 2 - 400))
    expect(holdersOn(nodes, KEY)).not.toContain('')
  })

  test('has no fence, although its nodes have', async () => {
    const { locks } = quorumRoom(3)
    expect((await locks.acquire('n')).fence).toBeUndefined()
  })

  test('tells no time of a store, and each node gets a guard by its own', async () => {
    const { clock, locks, nodes } = quorumRoom(3)
    const lock = await locks.acquire('n')
    await lock.extend()
    const guards = nodes.map((node) => at(node.sent('extend'), 0).notAfterMs ?? 0)
    const late = nodes.map((node, index) => (guards[index] ?? 0) - node.nowMs())
    expect(late).toEqual([NODE_TIMEOUT, NODE_TIMEOUT, NODE_TIMEOUT])
    expect(clock.elapsed).toBe(0)
  })
})

describe('what comes to nothing', () => {
  test('is taken back from whoever granted it or did not answer, and at once', async () => {
    const { nodes, clock, store } = stage(['ok', 'silent', 'held', 'held', 'held'])
    expect((await store.acquire(acquire)).state).toBe('held')
    await clock.settle()
    expect(holdersOn(nodes, KEY)).toEqual(['', '', 'other', 'other', 'other'])
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
