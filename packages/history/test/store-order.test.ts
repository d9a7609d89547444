import { describe, expect, test } from '@jest/globals'
import { check, type Expectations, type Operation } from '../src/index.ts'
import { historyOf, op } from './history-of.ts'

const NEVER = Number.POSITIVE_INFINITY
type Times = readonly [number, number]

function lease(times: Times, command: string, request: object, reply?: object): Operation {
  const outcome = reply ? ({ is: 'replied', reply } as const) : undefined
  return op('p1', times, 'lease', { key: 'a', command, request }, outcome)
}

function cache(times: Times, command: string, request: object, reply?: unknown): Operation {
  const outcome = reply === undefined ? undefined : ({ is: 'replied', reply } as const)
  return op('p1', times, 'cache', { key: 'a', command, request }, outcome)
}

function acquire(times: Times, token: string, state?: string, fence?: number): Operation {
  const reply = state === undefined ? undefined : { state, ...(fence && { fence }) }
  return lease(times, 'acquire', { token, ttlMs: 1000 }, reply)
}

const release = (times: Times, token: string, state?: string) =>
  lease(times, 'release', { token }, state === undefined ? undefined : { state })

function judge(operations: readonly Operation[], expected: Partial<Expectations> = {}) {
  return check(historyOf(operations), { atLeast: {}, ...expected })
}

describe('order of the commands of a lease store', () => {
  test('what one order explains is well, whatever the order of the begins', () => {
    const operations = [
      acquire([0, 50], 't1', 'granted', 7),
      acquire([1, 40], 't2', 'held'),
      release([2, 60], 't1', 'released'),
      acquire([3, 70], 't3', 'granted', 9),
    ]
    const { is, counts } = judge(operations)
    expect({ is, commands: counts.commands, undecided: counts.undecided }).toEqual({
      is: 'sound',
      commands: 4,
      undecided: 0,
    })
  })

  test('two grants without an end between them are found', () => {
    const operations = [acquire([0, 5], 't1', 'granted', 7), acquire([6, 9], 't2', 'granted', 8)]
    expect(judge(operations).violations).toMatchObject([{ check: 'store order', atMs: 6 }])
  })

  test('a reply that only somebody else’s earlier command explains is found', () => {
    const late = release([20, 25], 't1', 'released')
    const between = acquire([10, 15], 't2', 'granted', 8)
    expect(judge([acquire([0, 5], 't1', 'granted', 7), between, late]).is).toBe('violated')
  })

  test('a command of unknown outcome has run, or has not, and once at most', () => {
    const first = acquire([0, 5], 't1', 'granted', 7)
    const maybe = release([6, NEVER], 't1')
    const second = acquire([10, 15], 't2', 'granted', 8)
    const third = acquire([20, 25], 't3', 'granted', 9)
    expect(judge([first, maybe, second]).is).toBe('sound')
    expect(judge([first, maybe, acquire([10, 15], 't2', 'held')]).is).toBe('sound')
    expect(judge([first, maybe, second, third]).is).toBe('violated')
  })

  test('it runs late, but not later than can be', () => {
    const maybe = lease([6, 8], 'release', { token: 't1' })
    const unknown = { ...maybe, outcome: { is: 'unknown' } } as Operation
    const operations = [
      acquire([0, 5], 't1', 'granted', 7),
      unknown,
      acquire([20, 25], 't2', 'held'),
      acquire([40, 45], 't3', 'granted', 9),
    ]
    expect(judge(operations).is).toBe('sound')
    expect(judge(operations, { commandLateMs: 100 }).is).toBe('sound')
    expect(judge(operations, { commandLateMs: 10 }).is).toBe('violated')
  })

  test('a lease ends at its ttl, a little earlier or later', () => {
    const again = (atMs: number, state: string) => [
      acquire([0, 5], 't1', 'granted', 7),
      acquire([atMs, atMs + 1], 't2', state, state === 'granted' ? 9 : undefined),
    ]
    expect(judge(again(980, 'granted')).is).toBe('violated')
    expect(judge(again(1000, 'granted')).is).toBe('sound')
    expect(judge(again(1000, 'held')).is).toBe('sound')
    expect(judge(again(1030, 'held')).is).toBe('violated')
    expect(judge(again(1030, 'held'), { ttlSlackMs: 1000 }).is).toBe('sound')
  })

  test('a fence that does not grow is found; a repeat tells the same one', () => {
    const given = [acquire([0, 5], 't1', 'granted', 7), release([6, 7], 't1', 'released')]
    expect(judge([...given, acquire([8, 9], 't2', 'granted', 7)]).is).toBe('violated')
    expect(judge([...given, acquire([8, 9], 't2', 'granted', 8)]).is).toBe('sound')
    const repeat = (fence: number) => [
      acquire([0, 5], 't1', 'granted', 7),
      acquire([6, 7], 't1', 'granted', fence),
    ]
    expect(judge(repeat(7)).is).toBe('sound')
    expect(judge(repeat(8)).is).toBe('violated')
  })

  test('the fence of a grant in doubt is learnt from its repeat', () => {
    const operations = [
      acquire([0, NEVER], 't1'),
      acquire([6, 7], 't1', 'granted', 100),
      acquire([8, 9], 't1', 'granted', 100),
      release([10, 11], 't1', 'released'),
    ]
    expect(judge([...operations, acquire([12, 13], 't2', 'granted', 101)]).is).toBe('sound')
    expect(judge([...operations, acquire([12, 13], 't2', 'granted', 99)]).is).toBe('violated')
  })

  test('a store that may have forgotten is a free one, and its fault excuses what that leaves', () => {
    const flush = op(
      'nemesis',
      [6, 7],
      'fault',
      { fault: 'flush', breaks: ['exclusion'] },
      { is: 'over' },
    )
    const two = [acquire([0, 5], 't1', 'granted', 7), acquire([8, 9], 't2', 'granted', 8)]
    expect(judge([...two, flush])).toMatchObject({ is: 'sound', excused: [] })
    const three = [...two, acquire([10, 11], 't3', 'granted', 9)]
    expect(judge([...three, flush])).toMatchObject({
      is: 'sound',
      excused: [{ check: 'store order', excusedBy: 'flush' }],
    })
  })

  test('what is too much to search is said to be undecided; a key with a queue is left out', () => {
    const operations = Array.from({ length: 12 }, (_, i) => acquire([i, NEVER], `t${i}`))
    operations.push(acquire([20, 30], 'x', 'held'), acquire([31, 32], 'y', 'granted', 5))
    const { is, counts, vacuous } = judge(operations, {
      orderStepsMax: 50,
      atLeast: { commands: 100 },
    })
    expect({ is, undecided: counts.undecided }).toEqual({ is: 'vacuous', undecided: 1 })
    expect(vacuous).toEqual(['commands: 14 of at least 100'])
    const queued = lease([0, 5], 'acquire', { token: 't', ttlMs: 9, waiter: {} }, { state: 'x' })
    expect(judge([queued]).counts.commands).toBe(0)
  })
})

describe('order of the commands of a cache store', () => {
  const write = (times: Times, token: string) =>
    cache(times, 'write', { token, ttlMs: 1000 }, { state: 'written' })
  const read = (times: Times, version: string | null) => cache(times, 'read', {}, { version })
  const elect = (times: Times, token: string, reply: object) =>
    cache(times, 'lease', { token, leaseMs: 500 }, reply)

  test('reads see the last write, or one that is under way', () => {
    const writes = [write([0, 5], 'v1'), write([10, 20], 'v2')]
    expect(judge([...writes, read([15, 16], 'v1'), read([21, 22], 'v2')]).is).toBe('sound')
    expect(judge([...writes, read([15, 16], 'v2')]).is).toBe('sound')
    expect(judge([...writes, read([15, 16], 'v2'), read([17, 18], 'v1')]).is).toBe('violated')
    expect(judge([...writes, read([21, 22], 'v1')]).is).toBe('violated')
    expect(judge([...writes, read([21, 22], null)]).is).toBe('violated')
    expect(judge([...writes, read([1050, 1051], null)]).is).toBe('sound')
  })

  test('a load that was voided commits nothing', () => {
    const won = elect([0, 5], 'l1', { state: 'won', vanished: false })
    const removed = cache([6, 7], 'remove', {}, false)
    const commit = (reply: boolean) => cache([8, 9], 'commit', { token: 'l1', ttlMs: 1000 }, reply)
    expect(judge([won, commit(true), read([10, 11], 'l1')]).is).toBe('sound')
    expect(judge([won, removed, commit(false), read([10, 11], null)]).is).toBe('sound')
    expect(judge([won, removed, commit(true)]).is).toBe('violated')
    expect(judge([won, commit(false)]).is).toBe('violated')
  })

  test('one is elected, and the others are told who', () => {
    const won = elect([0, 5], 'l1', { state: 'won', vanished: false })
    const lost = (holder: string) => elect([6, 7], 'l2', { state: 'lost', holder })
    expect(judge([won, lost('l1')]).is).toBe('sound')
    expect(judge([won, lost('l9')]).is).toBe('violated')
    expect(judge([won, elect([6, 7], 'l2', { state: 'won' })]).is).toBe('violated')
    expect(judge([won, elect([600, 601], 'l2', { state: 'won' })]).is).toBe('sound')
    expect(
      judge([won, cache([6, 8], 'fail', { token: 'l1', keepMs: 10 }, null), lost('l1')]).is,
    ).toBe('sound')
  })

  test('a version is replaced only by who has seen it', () => {
    const swap = (expected: string, reply: object) =>
      cache([10, 11], 'compareAndSet', { token: 'v2', expected, ttlMs: 1000 }, reply)
    const first = write([0, 5], 'v1')
    expect(judge([first, swap('v1', { state: 'written', version: 'v2' })]).is).toBe('sound')
    expect(judge([first, swap('v0', { state: 'conflict', version: 'v1' })]).is).toBe('sound')
    expect(judge([first, swap('v0', { state: 'written', version: 'v2' })]).is).toBe('violated')
    expect(judge([first, swap('v0', { state: 'conflict', version: 'v7' })]).is).toBe('violated')
  })
})
