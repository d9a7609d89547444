import { describe, expect, test } from '@jest/globals'
import { check, type Expectations, type History, type Operation } from '../src/index.ts'
import { historyOf, hold, op } from './history-of.ts'

const NEVER = Number.POSITIVE_INFINITY

/** What is found, and what would be if no fault excused it. */
function judge(history: History, expected: Partial<Expectations> = {}) {
  const { violations, excused } = check(history, { atLeast: {}, ...expected })
  return {
    found: violations.map((violation) => violation.check),
    excused: excused.map(({ excusedBy }) => excusedBy),
  }
}

function fault(
  name: string,
  span: readonly [number, number],
  breaks?: ('exclusion' | 'fences' | 'values')[],
): Operation {
  return op('nemesis', span, 'fault', { fault: name, ...(breaks && { breaks }) }, { is: 'over' })
}

const SOUND = { found: [], excused: [] }

describe('fence order', () => {
  test('a grant that was asked for after another has a greater fence', () => {
    const grants = (fence: number) =>
      historyOf(hold('p1', 't1', [10, 12], { fence: 5 }), hold('p2', 't2', [20, 22], { fence }))
    expect(judge(grants(6))).toEqual(SOUND)
    expect(judge(grants(4)).found).toContain('fence order')
    expect(judge(grants(5)).found).toContain('fence order')
  })

  test('who waited since before believes later, and has a greater fence', () => {
    const grants = (fence: number) =>
      historyOf(
        hold('p1', 't1', [10, 12], { fence: 5 }),
        hold('p2', 't2', [20, 22], { fence, askedMs: 1 }),
      )
    expect(judge(grants(6))).toEqual(SOUND)
    expect(judge(grants(4)).found).toEqual(['fence order'])
  })

  test('shares only order, and names have fences of their own', () => {
    const reader = { units: 1, capacity: 10 }
    const history = historyOf(
      hold('p1', 't1', [10, 12], { fence: 5, ...reader }),
      hold('p2', 't2', [20, 22], { fence: 4, ...reader }),
      hold('p2', 't3', [30, 32], { fence: 1, lock: 'b' }),
    )
    expect(judge(history)).toEqual(SOUND)
  })

  test('data loss explains an order of beliefs, but not of grants; a clock that steps back does', () => {
    const belief = historyOf(
      hold('p1', 't1', [10, 12], { fence: 5 }),
      hold('p2', 't2', [20, 22], { fence: 4, askedMs: 1 }),
      fault('flush', [11, 11], ['exclusion']),
    )
    expect(judge(belief)).toEqual({ found: [], excused: ['flush'] })
    const grants = [
      hold('p1', 't1', [10, 12], { fence: 5 }),
      hold('p2', 't2', [20, 22], { fence: 4 }),
    ]
    const flush = fault('flush', [13, 13], ['exclusion'])
    expect(judge(historyOf(...grants, flush)).found).toContain('fence order')
    const step = fault('clock back', [13, 13], ['fences'])
    expect(judge(historyOf(...grants, step)).found).toEqual([])
  })
})

describe('guarded set and counter', () => {
  const add = (element: string, atMs: number, is: 'written' | 'rejected' | 'unknown', fence = 1) =>
    op('p1', [atMs, atMs + 1], 'add-to-set', { set: 's', element, fence }, { is })
  const read = (atMs: number, ...elements: readonly string[]) =>
    op('p1', [atMs, atMs + 1], 'read-set', { set: 's' }, { is: 'seen', elements })

  test('what was accepted is there for good; what is in doubt may be', () => {
    const adds = [add('a', 1, 'written'), add('b', 3, 'unknown'), add('c', 5, 'rejected')]
    expect(judge(historyOf(...adds, read(9, 'a')))).toEqual(SOUND)
    expect(judge(historyOf(...adds, read(9, 'a', 'b')))).toEqual(SOUND)
    expect(judge(historyOf(...adds, read(9, 'b'))).found).toEqual(['guarded set'])
    expect(judge(historyOf(...adds, read(9, 'a', 'c'))).found).toEqual(['guarded set'])
    expect(judge(historyOf(...adds, read(9, 'a', 'x'))).found).toEqual(['guarded set'])
    expect(judge(historyOf(...adds, read(1, 'a')))).toEqual(SOUND)
  })

  test('without fences a loss is a known hole', () => {
    const unfenced = op('p1', [1, 2], 'add-to-set', { set: 's', element: 'a' }, { is: 'written' })
    expect(judge(historyOf(unfenced, read(9)))).toEqual({
      found: [],
      excused: ['writes without a fence'],
    })
  })

  const write = (value: number, atMs: number, is: 'written' | 'rejected' | 'unknown') =>
    op('p1', [atMs, atMs + 1], 'write-counter', { counter: 'n', value, fence: 1 }, { is })
  const count = (value: number, atMs: number) =>
    op('p1', [atMs, atMs + 1], 'read-counter', { counter: 'n' }, { is: 'seen', value })

  test('every accepted write counts once', () => {
    const writes = [write(1, 1, 'written'), write(2, 3, 'unknown'), write(2, 5, 'rejected')]
    expect(judge(historyOf(...writes, count(1, 9)))).toEqual(SOUND)
    expect(judge(historyOf(...writes, count(2, 9)))).toEqual(SOUND)
    expect(judge(historyOf(...writes, count(3, 9))).found).toEqual(['guarded counter'])
    expect(judge(historyOf(...writes, count(0, 9))).found).toEqual(['guarded counter'])
    const twice = historyOf(write(1, 1, 'written'), write(1, 2, 'written'))
    expect(judge(twice).found).toEqual(['guarded counter'])
  })
})

describe('load runs', () => {
  const load = (process: string, span: readonly [number, number], value?: string) =>
    op(
      process,
      span,
      'load',
      { key: 'k', freshMs: 100 },
      value === undefined ? { is: 'failed' } : { is: 'loaded', value },
    )
  const del = (span: readonly [number, number]) =>
    op('p3', span, 'delete', { key: 'k' }, { is: 'done' })

  test('one at a time, and none while its value is fresh', () => {
    expect(judge(historyOf(load('p1', [0, 10], 'v'), load('p2', [110, 120], 'w')))).toEqual(SOUND)
    const beside = historyOf(load('p1', [0, 10], 'v'), load('p2', [5, 20], 'w'))
    expect(judge(beside).found).toEqual(['load runs'])
    const early = historyOf(load('p1', [0, 10], 'v'), load('p2', [109, 120], 'w'))
    expect(judge(early).found).toEqual(['load runs'])
  })

  test('a change begins another epoch, and so does a failure', () => {
    const loads = [load('p1', [0, 10], 'v'), load('p2', [50, 60], 'w')]
    expect(judge(historyOf(...loads, del([40, 45])))).toEqual(SOUND)
    expect(judge(historyOf(...loads, del([40, NEVER])))).toEqual(SOUND)
    expect(judge(historyOf(...loads, del([55, 56]))).found).toEqual(['load runs'])
    expect(judge(historyOf(load('p1', [0, 10]), load('p2', [11, 12], 'w')))).toEqual(SOUND)
    expect(judge(historyOf(load('p1', [0, 10]), load('p2', [9, 12], 'w'))).found).toHaveLength(1)
  })

  test('faults, also those that are still felt, and the dead let others load', () => {
    const loads = [load('p1', [0, 10], 'v'), load('p2', [50, 60], 'w')]
    expect(judge(historyOf(...loads, fault('pause', [20, 30]))).excused).toEqual(['pause'])
    const before = historyOf(...loads, fault('pause', [-20, -10]))
    expect(judge(before).found).toEqual(['load runs'])
    expect(judge(before, { recoveryMs: 15 })).toEqual({ found: [], excused: ['pause'] })
    const dead = op('p1', [0, NEVER], 'load', { key: 'k', freshMs: 100 })
    expect(judge(historyOf(dead, load('p2', [50, 60], 'w')))).toEqual(SOUND)
  })
})

describe('stale values', () => {
  const set = (value: string, span: readonly [number, number]) =>
    op('p1', span, 'set', { key: 'k', value }, { is: 'done' })
  const del = (process: string, span: readonly [number, number]) =>
    op(process, span, 'delete', { key: 'k' }, { is: 'done' })
  const load = (value: string, span: readonly [number, number]) =>
    op('p1', span, 'load', { key: 'k', freshMs: 0 }, { is: 'loaded', value })
  const read = (kind: 'get' | 'getOrSet', process: string, atMs: number, value: string) =>
    op(process, [atMs, atMs + 1], kind, { key: 'k' }, { is: 'found', value })

  test('after a delete or another set nobody reads what was there before', () => {
    const writes = [set('v', [0, 10]), del('p1', [20, 30])]
    expect(judge(historyOf(...writes, read('get', 'p2', 29, 'v')))).toEqual(SOUND)
    expect(judge(historyOf(...writes, read('get', 'p2', 31, 'v'))).found).toEqual(['stale values'])
    const over = [set('v', [0, 10]), set('w', [20, 30])]
    expect(judge(historyOf(...over, read('get', 'p2', 31, 'w')))).toEqual(SOUND)
    expect(judge(historyOf(...over, read('get', 'p2', 31, 'v'))).found).toEqual(['stale values'])
    const both = [set('v', [0, 25]), set('w', [20, 30])]
    expect(judge(historyOf(...both, read('get', 'p2', 31, 'v')))).toEqual(SOUND)
  })

  test('a load that began before the delete stores nothing, but others may join it for a while', () => {
    const during = [load('v', [0, 25]), del('p2', [20, 30])]
    expect(judge(historyOf(...during, read('get', 'p3', 31, 'v'))).found).toEqual(['stale values'])
    expect(judge(historyOf(...during, read('getOrSet', 'p3', 31, 'v')))).toEqual(SOUND)
    const before = [load('v', [0, 15]), del('p2', [20, 30])]
    const late = (process: string) => historyOf(...before, read('getOrSet', process, 40, 'v'))
    expect(judge(late('p3')).found).toEqual(['stale values'])
    expect(judge(late('p3'), { staleMs: 10 })).toEqual(SOUND)
    // Who has deleted itself does not.
    expect(judge(late('p2'), { staleMs: 10 }).found).toEqual(['stale values'])
  })

  test('a value comes from somewhere', () => {
    expect(judge(historyOf(read('get', 'p1', 1, 'x'))).found).toEqual(['stale values'])
    expect(judge(historyOf(set('x', [5, 6]), read('get', 'p1', 1, 'x'))).found).toHaveLength(1)
  })

  test('a store that revives entries is a known hole', () => {
    const history = historyOf(
      set('v', [0, 10]),
      del('p1', [20, 30]),
      fault('failover', [35, 40], ['values']),
      read('get', 'p2', 41, 'v'),
    )
    expect(judge(history)).toEqual({ found: [], excused: ['failover'] })
  })
})

describe('orphans', () => {
  const look = (atMs: number, ...holders: readonly string[]) =>
    op('p9', [atMs, atMs + 1], 'inspect', { lock: 'a' }, { is: 'seen', holders, waiters: 0 })

  test('a token that was given up is gone after its ttl', () => {
    const held = hold('p1', 't1', [10, 20], { ttlMs: 500 })
    expect(judge(historyOf(held, look(1500, 't1')))).toEqual(SOUND)
    expect(judge(historyOf(held, look(1522, 't1'))).found).toEqual(['orphans'])
    expect(judge(historyOf(held, look(1522, 't1')), { orphanMs: 2000 })).toEqual(SOUND)
    expect(judge(historyOf(held, look(1522)))).toEqual(SOUND)
  })

  test('a grant that nobody heard of ends too', () => {
    const lost = op('p1', [10, 20], 'acquire', { lock: 'a', ttlMs: 500 }, { is: 'unknown' })
    expect(judge(historyOf(lost, look(1500, 't1')))).toEqual(SOUND)
    expect(judge(historyOf(lost, look(1522, 't1'))).found).toEqual(['orphans'])
  })

  test('a quiet holder that is seen later is none', () => {
    const [acquire] = hold('p1', 't1', [10, 20], { ttlMs: 500 })
    const later = op('p1', [5000, 5000], 'held', { lock: 'a', token: 't1' }, { is: 'seen' })
    expect(judge(historyOf(acquire ?? [], later, look(3000, 't1')))).toEqual(SOUND)
    expect(judge(historyOf(acquire ?? [], look(3000, 't1'))).found).toEqual(['orphans'])
  })
})
