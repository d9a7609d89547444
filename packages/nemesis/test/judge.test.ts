import { describe, expect, test } from '@jest/globals'
import { History, type Operation } from '@locks/history'
import { FAILOVER } from '../src/faults/cluster-faults.ts'
import { FORGETS } from '../src/faults/fault.ts'
import { brokenConfirmations } from '../src/judge/confirmed-locks.ts'
import { judge } from '../src/judge/judge.ts'
import { losersNotTold } from '../src/judge/losers.ts'
import { lostComparisons } from '../src/judge/optimistic-counters.ts'
import { report } from '../src/report.ts'

const TTL_MS = 2000

interface Stay {
  readonly token: string
  readonly fromMs: number
  /** The last time it was seen to believe. */
  readonly untilMs: number
  readonly fence?: number
  readonly released?: 'released' | 'lost'
  readonly inTurns?: boolean
}

function stay({
  token,
  fromMs,
  untilMs,
  fence,
  released = 'released',
  ...more
}: Stay): Operation[] {
  const tenancy = { lock: 'a', token }
  const at = (ms: number) => ({ process: token, invokedMs: ms, completedMs: ms })
  const granted = { is: 'granted' as const, token, ...(fence && { fence }) }
  return [
    {
      kind: 'acquire',
      asked: { lock: 'a', ttlMs: TTL_MS, ...more },
      outcome: granted,
      ...at(fromMs),
    },
    { kind: 'held', asked: tenancy, outcome: { is: 'seen' }, ...at(untilMs) },
    { kind: 'release', asked: tenancy, outcome: { is: released }, ...at(untilMs + 1) },
  ]
}

const historyOf = (...operations: readonly (readonly Operation[])[]) =>
  new History(operations.flat())

describe('who has lost a lock', () => {
  const winner = stay({ token: 'new', fromMs: 100, untilMs: 200, fence: 2 })

  test('is told when it gives it back', () => {
    const loser = { token: 'old', fromMs: 0, untilMs: 150, fence: 1 }
    expect(losersNotTold(historyOf(stay({ ...loser, released: 'lost' }), winner))).toEqual([])
    expect(losersNotTold(historyOf(stay(loser), winner))).toMatchObject([
      { check: 'losses are told', atMs: 100 },
    ])
  })

  test('may let the next of its process in without asking anybody', () => {
    const loser = { token: 'old', fromMs: 0, untilMs: 150, fence: 1, inTurns: true }
    expect(losersNotTold(historyOf(stay(loser), winner))).toEqual([])
  })

  test('believes for no longer than a ttl', () => {
    const loser = { token: 'old', fromMs: 0, fence: 1, released: 'lost' } as const
    const inTime = stay({ ...loser, untilMs: 100 + TTL_MS })
    expect(losersNotTold(historyOf(inTime, winner))).toEqual([])
    const late = stay({ ...loser, untilMs: 200 + TTL_MS })
    expect(losersNotTold(historyOf(late, winner))).toHaveLength(1)
  })

  test('is who has the smaller fence, whoever has heard of it later', () => {
    const robbed = stay({ token: 'new', fromMs: 100, untilMs: 101, fence: 1, released: 'lost' })
    const thief = stay({ token: 'old', fromMs: 0, untilMs: 150, fence: 2 })
    expect(losersNotTold(historyOf(thief, robbed))).toEqual([])
  })
})

describe('a counter that is set by comparison', () => {
  const write = (process: string, atMs: number): Operation => ({
    kind: 'write-counter',
    asked: { counter: 'optimistic hits', value: 7 },
    outcome: { is: 'written' },
    process,
    invokedMs: atMs,
    completedMs: atMs,
  })
  const flush: Operation = {
    kind: 'fault',
    asked: { fault: 'flush', breaks: ['values'] },
    outcome: { is: 'over' },
    process: 'coordinator',
    invokedMs: 15,
    completedMs: 16,
  }

  test('is set to a value once, unless the store has forgotten it', () => {
    const twice = [write('p1', 10), write('p2', 20)]
    expect(lostComparisons(historyOf(twice))).toMatchObject([{ check: 'optimistic counter' }])
    expect(lostComparisons(historyOf(twice, [flush]))).toEqual([])
    expect(
      lostComparisons(historyOf(twice, [{ ...flush, invokedMs: 25, completedMs: 26 }])),
    ).toHaveLength(1)
  })
})

describe('a lock that replicas have confirmed', () => {
  const fault = (name: string, atMs: number): Operation => ({
    kind: 'fault',
    asked: { fault: name, breaks: ['exclusion', 'values'] },
    outcome: { is: 'over' },
    process: 'coordinator',
    invokedMs: atMs,
    completedMs: atMs + 10,
  })
  const overlap = (lock: string) => ({
    check: 'mutual exclusion',
    message: `${lock}: t2 in p2 is granted while it is claimed by t1 in p1`,
    atMs: 1000,
    excusedBy: FAILOVER,
  })

  test('is not lost by a failover alone', () => {
    const failover = fault(FAILOVER, 900)
    const broken = (lock: string, ...faults: Operation[]) =>
      brokenConfirmations(historyOf(faults), [overlap(lock)], 5000)
    expect(broken('confirmed-a', failover)).toHaveLength(1)
    expect(broken('a', failover)).toEqual([])
    expect(broken('confirmed-a', failover, fault('server: FLUSHALL', 950))).toEqual([])
  })
})

describe('a run that has not seen a known hole', () => {
  const strike = async () => {}
  const run = {
    backend: 'redis',
    history: historyOf(),
    elapsedMs: 0,
    recoveriesMs: {},
    surprises: [],
    lostUpdates: 0,
    refusedByFence: 1,
    faults: [
      { kind: 'flush', place: 'server', breaks: FORGETS, strike },
      { kind: 'moment', place: 'server', breaks: FORGETS, isRareHole: true, strike },
      { kind: 'delay', place: 'network', strike },
    ],
    skipped: {},
  } as const
  const least = { grants: 0, ambiguous: 0, commands: 0, whileHeld: 0 }

  test('is vacuous and names it, when it is long', () => {
    const { is, holes, vacuous } = judge(run, { ...least, holes: true })
    expect(is).toBe('vacuous')
    expect(holes).toEqual({ flush: 0, moment: 0, theft: 0, 'a pause before a write': 1 })
    expect(vacuous.filter((what) => what.includes('hole'))).toEqual([
      'the hole "flush" was never seen',
      'the hole "theft" was never seen',
    ])
  })

  test('says so in its report, also when it is short', () => {
    const options = { backend: 'redis', seed: 1, minutes: 1, json: false, keep: undefined } as const
    const lines = report(options, run, judge(run, { ...least, holes: false })).split('\n')
    expect(lines.filter((line) => line.endsWith('not seen'))).toHaveLength(3)
  })
})
