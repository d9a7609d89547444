import { describe, expect, test } from '@jest/globals'
import { KEY } from '../helpers/engine-room.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { at, holdersOn, NODE_TIMEOUT, quorumRoom, sentTo } from './quorum-room.ts'
import { type Answer, acquire, outcomeOf, REFUSED } from './staged-answers.ts'

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
