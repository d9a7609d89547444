import { describe, expect, test } from '@jest/globals'
import { check } from '../src/index.ts'
import { historyOf, hold, op } from './history-of.ts'

const ANY = { atLeast: {} }

describe('mutual exclusion', () => {
  test('one after the other is well, and so are two locks', () => {
    const history = historyOf(
      hold('p1', 't1', [10, 20]),
      hold('p2', 't2', [20, 30]),
      hold('p3', 't3', [15, 25], { lock: 'b' }),
    )
    expect(check(history, ANY)).toMatchObject({ is: 'sound', violations: [] })
  })

  test('two who believe at the same time are found', () => {
    const history = historyOf(hold('p1', 't1', [10, 20]), hold('p2', 't2', [19, 30]))
    expect(check(history, ANY)).toMatchObject({
      is: 'violated',
      violations: [{ check: 'mutual exclusion', atMs: 19 }],
    })
  })

  test('who was stopped and believes in nothing afterwards claims nothing', () => {
    const [granted] = hold('p1', 't1', [10, 20])
    const history = historyOf(granted ?? [], hold('p2', 't2', [15, 30]))
    expect(check(history, ANY).is).toBe('sound')
  })

  test('shares up to the capacity are well, one more is not', () => {
    const permit = { units: 1, capacity: 2 }
    const two = [hold('p1', 't1', [10, 20], permit), hold('p2', 't2', [12, 22], permit)]
    expect(check(historyOf(...two), ANY).is).toBe('sound')
    const third = hold('p3', 't3', [15, 18], permit)
    expect(check(historyOf(...two, third), ANY).violations).toHaveLength(1)
    const later = hold('p3', 't3', [20, 25], permit)
    expect(check(historyOf(...two, later), ANY).is).toBe('sound')
  })

  test('two ideas of the capacity at the same time are found', () => {
    const history = historyOf(
      hold('p1', 't1', [10, 20], { capacity: 5 }),
      hold('p2', 't2', [12, 22], { capacity: 6 }),
    )
    expect(check(history, ANY).is).toBe('violated')
  })

  test('a theft, and a store that forgets, are holes that are known', () => {
    const theft = historyOf(
      hold('p1', 't1', [10, 20]),
      hold('p2', 't2', [15, 30], { steals: true }),
    )
    expect(check(theft, ANY)).toMatchObject({ is: 'sound', excused: [{ excusedBy: 'theft' }] })

    const flush = (atMs: number) =>
      op(
        'nemesis',
        [atMs, atMs],
        'fault',
        { fault: 'flush', breaks: ['exclusion'] },
        { is: 'over' },
      )
    const both = [hold('p1', 't1', [10, 20]), hold('p2', 't2', [15, 30])]
    const excused = check(historyOf(...both, flush(14)), ANY)
    expect(excused).toMatchObject({ is: 'sound', excused: [{ excusedBy: 'flush' }] })
    expect(check(historyOf(...both, flush(5)), ANY).is).toBe('violated')
    expect(check(historyOf(...both, flush(16)), ANY).is).toBe('violated')
  })

  test('whoever comes after a thief meets the victim too, who has not heard of it', () => {
    const history = historyOf(
      hold('p1', 't1', [10, 40]),
      hold('p2', 't2', [15, 20], { steals: true }),
      hold('p3', 't3', [21, 30]),
    )
    expect(check(history, ANY)).toMatchObject({
      violations: [],
      excused: [{ excusedBy: 'theft' }, { excusedBy: 'theft' }],
    })
  })

  test('a thief is robbed by nobody but another thief', () => {
    const history = historyOf(
      hold('p1', 't1', [10, 40]),
      hold('p2', 't2', [15, 30], { steals: true }),
      hold('p3', 't3', [21, 35]),
    )
    expect(check(history, ANY)).toMatchObject({
      violations: [{ message: expect.stringContaining('t3 in p3') }],
      excused: [{ excusedBy: 'theft' }],
    })
  })

  test('who hears of its grant behind the thief that robbed it is a victim, unless its fence is greater', () => {
    const thief = hold('p2', 't2', [15, 30], { steals: true, fence: 7 })
    const late = (fence: number) => hold('p3', 't3', [21, 35], { askedMs: 10, fence })
    expect(check(historyOf(thief, late(6)), ANY)).toMatchObject({
      is: 'sound',
      excused: [{ excusedBy: 'theft' }],
    })
    expect(check(historyOf(thief, late(8)), ANY).is).toBe('violated')
  })

  test('a theft without an answer may come for as long as a fault is felt', () => {
    const theft = op(
      'p2',
      [5, 6],
      'acquire',
      { lock: 'a', ttlMs: 1000, steals: true },
      { is: 'unknown' },
    )
    const history = historyOf(hold('p1', 't1', [10, 20]), theft, hold('p3', 't3', [15, 30]))
    expect(check(history, { ...ANY, recoveryMs: 5 })).toMatchObject({
      is: 'sound',
      excused: [{ excusedBy: 'theft' }],
    })
    expect(check(history, ANY).is).toBe('violated')
  })
})

describe('a run that has seen too little', () => {
  test('is vacuous, and says what it lacks', () => {
    const pause = (fromMs: number, untilMs: number) =>
      op('nemesis', [fromMs, untilMs], 'fault', { fault: 'pause' }, { is: 'over' })
    const history = historyOf(
      hold('p1', 't1', [10, 20]),
      hold('p2', 't2', [21, 30], { askedMs: 15 }),
      op('p3', [22, 40], 'acquire', { lock: 'a', ttlMs: 10 }, { is: 'unknown' }),
      op('p4', [22, Number.POSITIVE_INFINITY], 'acquire', { lock: 'b', ttlMs: 10 }),
      pause(1, 5),
      pause(12, 13),
    )
    const met = check(history, {
      atLeast: { grants: 2, contended: 2, ambiguous: 2, faults: 2, faultsWhileHeld: 1 },
      faultsWhileHeld: { pause: 1 },
    })
    expect(met).toMatchObject({ is: 'sound', vacuous: [] })
    const unmet = check(history, {
      atLeast: { grants: 3, contended: 3, ambiguous: 3 },
      faultsWhileHeld: { pause: 2, kill: 1 },
    })
    expect(unmet).toMatchObject({
      is: 'vacuous',
      vacuous: [
        'grants: 2 of at least 3',
        'contended: 2 of at least 3',
        'ambiguous: 2 of at least 3',
        'pause while a lock is held: 1 of at least 2',
        'kill while a lock is held: 0 of at least 1',
      ],
    })
  })
})
