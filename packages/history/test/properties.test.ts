import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { check, type Operation } from '../src/index.ts'
import {
  brokenLeaseRun,
  cacheRun,
  cacheStoreRun,
  leaseRun,
  lockRun,
  type Stint,
  stints,
} from './correct-runs.ts'
import { historyOf, op } from './history-of.ts'

const judge = (operations: readonly Operation[]) => check(historyOf(operations), { atLeast: {} })

/** The checks that find something in this history. */
const found = (operations: readonly Operation[]) =>
  judge(operations).violations.map((violation) => violation.check)

describe('what went well is never found fault with', () => {
  test.each([
    ['lease stores', leaseRun],
    ['cache stores', cacheStoreRun],
    ['locks', stints.map(lockRun)],
    ['caches', cacheRun],
  ])('%s', (_, run: fc.Arbitrary<readonly Operation[]>) => {
    fc.assert(
      fc.property(run, (operations) => {
        const { violations, counts } = judge(operations)
        expect({ violations, undecided: counts.undecided }).toEqual({
          violations: [],
          undecided: 0,
        })
      }),
      { numRuns: 200 },
    )
  })
})

describe('one thing that went wrong is always found', () => {
  test('a reply of a lease store', () => {
    fc.assert(
      fc.property(brokenLeaseRun, (operations) => {
        expect(found(operations)).toEqual(['store order'])
      }),
      { numRuns: 300 },
    )
  })

  test('a read of a cache store that misses a write', () => {
    fc.assert(
      fc.property(cacheStoreRun, (operations) => {
        const endMs = Math.max(...operations.map(({ completedMs }) => completedMs)) + 1
        const write = { key: 'a', command: 'write', request: { token: 'x', ttlMs: 1000 } }
        const read = { key: 'a', command: 'read', request: {} }
        // What is in doubt may come late and hide it; with its replies nothing is.
        fc.pre(operations.every(({ outcome }) => outcome?.is === 'replied'))
        const last = [
          op('p9', [endMs, endMs + 1], 'cache', write, {
            is: 'replied',
            reply: { state: 'written' },
          }),
          op('p9', [endMs + 2, endMs + 3], 'cache', read, {
            is: 'replied',
            reply: { version: null },
          }),
        ]
        expect(found([...operations, ...last])).toEqual(['store order'])
      }),
    )
  })

  const anyOf = fc.nat()
  const broken = (
    change: (drawn: readonly Stint[], index: number) => readonly Stint[],
  ): fc.Arbitrary<Operation[]> =>
    fc.tuple(stints, anyOf).map(([drawn, index]) => lockRun(change(drawn, index)))

  test('a grant before the end of the one before', () => {
    const overlap = broken((drawn, nat) => {
      const index = 1 + (nat % (drawn.length - 1))
      const before = drawn[index - 1] as Stint
      return drawn.map((stint, i) =>
        i === index ? { ...stint, fromMs: before.untilMs - 2 } : stint,
      )
    })
    fc.assert(
      fc.property(overlap, (operations) => {
        expect(found(operations)).toContain('mutual exclusion')
      }),
    )
  })

  test('a fence that is not greater than the one before', () => {
    const equal = broken((drawn, nat) => {
      const index = 1 + (nat % (drawn.length - 1))
      return drawn.map((stint, i) =>
        i === index ? { ...stint, fence: (index - 1) * 10 - (nat % 2) } : stint,
      )
    })
    fc.assert(
      fc.property(equal, (operations) => {
        expect(found(operations)).toContain('fence order')
      }),
    )
  })

  test('an accepted write that is lost, and one that is counted twice', () => {
    const accepted = stints.filter((drawn) => drawn.some(({ fate }) => fate === 'written'))
    fc.assert(
      fc.property(accepted, (drawn) => {
        const operations = lockRun(drawn)
        const kept = operations.find(({ kind, outcome }) => {
          return kind === 'add-to-set' && outcome?.is === 'written'
        }) as Operation<'add-to-set'>
        const without = operations.map((operation) => {
          if (operation.kind !== 'read-set' || operation.outcome?.is !== 'seen') return operation
          const elements = operation.outcome.elements.filter((each) => each !== kept.asked.element)
          return { ...operation, outcome: { ...operation.outcome, elements } } as Operation
        })
        expect(found(without)).toEqual(['guarded set'])
        const written = operations.find(({ kind, outcome }) => {
          return kind === 'write-counter' && outcome?.is === 'written'
        }) as Operation
        expect(found([...operations, written])).toContain('guarded counter')
      }),
    )
  })

  test('a token that stays, a value that comes back, a load beside another', () => {
    fc.assert(
      fc.property(stints, cacheRun, (drawn, cached) => {
        const orphaned = lockRun(drawn).map((operation) => {
          if (operation.kind !== 'inspect') return operation
          return { ...operation, outcome: { is: 'seen', holders: ['t0'], waiters: 0 } } as Operation
        })
        expect(found(orphaned)).toEqual(['orphans'])

        const atMs = Math.max(...cached.map(({ completedMs }) => completedMs)) + 1
        const at = (delayMs: number) => [atMs + delayMs, atMs + delayMs] as const
        const key = 'k'
        const revived = [
          op('p9', at(0), 'set', { key, value: 'x' }, { is: 'done' }),
          op('p9', at(1), 'delete', { key }, { is: 'done' }),
          op('p1', at(2), 'get', { key }, { is: 'found', value: 'x' }),
        ]
        expect(found([...cached, ...revived])).toEqual(['stale values'])
        const load = { key, freshMs: 10 }
        const twice = [
          op('p9', at(500), 'load', load, { is: 'loaded', value: 'x' }),
          op('p1', at(505), 'load', load, { is: 'loaded', value: 'y' }),
        ]
        expect(found([...cached, ...twice])).toEqual(['load runs'])
      }),
    )
  })
})
