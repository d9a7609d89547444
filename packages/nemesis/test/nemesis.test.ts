import { describe, expect, test } from '@jest/globals'
import { check, type History } from '@locks/history'
import type { Fault } from '../src/faults/fault.ts'
import { judge } from '../src/judge/judge.ts'
import { run } from '../src/run.ts'

/** Longer than a lease, and than the deadline of a call. */
const LONG_MS = 2500

/** The faults of these kinds, a step for each line. */
const steps = (kinds: readonly (readonly string[])[]) => (faults: readonly Fault[]) =>
  kinds.map((step) =>
    step.map((kind) => {
      const fault = faults.find((one) => one.kind === kind)
      if (!fault) throw new Error(`there is no fault "${kind}"`)
      return fault
    }),
  )

/** Again and again. */
const forEver = (kind: string) =>
  function* (faults: readonly Fault[]) {
    for (;;) yield* steps([[kind]])(faults)
  }

/** A machine that stands still for a while loses leases of loads, and then somebody else loads, too. */
const isNoMatterOfTime = ({ check: by }: { readonly check: string }) => by !== 'load runs'

test('workers on Redis, and faults while they hold locks: nothing that is promised breaks', async () => {
  const done = await run({
    backend: 'redis',
    seed: 7,
    lastMs: 1200,
    plan: steps([
      ['worker: SIGSTOP', 'server: SCRIPT FLUSH'],
      ['network: replies dropped', 'server: CLIENT PAUSE'],
      ['worker: SIGKILL', 'server: SIGKILL, restart with its data'],
      ['worker: wall clock shifted', 'network: black hole, all arrives late'],
      ['server: FLUSHALL'],
    ]),
    isEnough: () => false,
  })
  const { violations, counts } = judge(done, {
    grants: 0,
    ambiguous: 0,
    commands: 0,
    whileHeld: 0,
    holes: false,
  })
  expect(violations.filter(isNoMatterOfTime)).toEqual([])
  // It goes on after every step until each lock has been granted again.
  expect(counts.grants).toBeGreaterThanOrEqual(15)
  expect(counts.guardedWrites).toBeGreaterThan(0)
  expect(counts.faults).toBe(9)
  expect(counts.faultsWhileHeld).toBeGreaterThan(0)
}, 600_000)

describe('a nemesis can fail', () => {
  const isViolated = async (history: () => Promise<History>, what: string) => {
    const verdict = check(await history(), { atLeast: {}, recoveryMs: LONG_MS })
    return verdict.violations.some(({ check: by }) => by === what)
  }

  test.each([
    ['believes-too-long', 'mutual exclusion', 'worker: SIGSTOP'],
    ['releases-others', 'mutual exclusion', 'store: replies dropped'],
    ['releases-others', 'store order', 'store: replies late'],
  ] as const)(
    'a store that %s is found out by %s',
    async (sabotage, what, kind) => {
      const done = await run({
        backend: 'memory',
        seed: 7,
        lastMs: LONG_MS,
        sabotage,
        plan: forEver(kind),
        isEnough: (_, history) => isViolated(history, what),
      })
      expect(await isViolated(async () => done.history, what)).toBe(true)
    },
    600_000,
  )

  test('a worker that ends without a word, killed by nobody that we know of, is a failed run', async () => {
    const murder: Fault = {
      kind: 'murder',
      place: 'worker',
      strike: async ({ fleet }) => fleet.crew[0]?.program.kill(),
    }
    const done = run({ backend: 'memory', seed: 7, plan: () => [[murder]], isEnough: () => false })
    await expect(done).rejects.toThrow(/^worker-0 has ended .*SIGKILL\nnothing on stderr$/s)
  }, 600_000)
})
