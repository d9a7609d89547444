import { expect, test } from '@jest/globals'
import type { FailoverPlan } from '../src/failover/failover-plan.ts'
import { PRODUCTION } from '../src/run/production.ts'
import { runSchedule } from '../src/run/run-schedule.ts'
import { Tally } from '../src/tally.ts'

// Errors are everyday events here.
Error.stackTraceLimit = 0

const LIMIT_MS = 300_000

/** Replicas lag, each in its own way, and the master dies once, while somebody holds the lock. */
const CRASH: Partial<FailoverPlan> = {
  names: 1,
  replicas: 2,
  lagMs: 500,
  aheadMs: 0,
  thinkMsMax: 5,
  rounds: 4,
  renew: 0,
  fails: 'crash',
  ttlMs: [2000, 8000],
}

const SCHEDULES = 120

/** What happens in so many schedules, or until `what` does; no invariant breaks in any. */
async function countsOf(
  failoverPlan: Partial<FailoverPlan>,
  what?: string,
): Promise<Record<string, number>> {
  const bug = {
    name: '',
    about: '',
    where: 'failover',
    breaks: [],
    patches: [],
    failoverPlan,
  } as const
  const tally = new Tally()
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const schedule = { seed, bug, subject: PRODUCTION, readable: false }
    const outcome = await runSchedule(schedule)
    expect(outcome.violation).toBeUndefined()
    tally.addAll(outcome.tally)
    if (what !== undefined && what in tally.toJSON()) break
  }
  return tally.toJSON()
}

test(
  'a hole: without a confirmation a failover grants twice',
  async () => {
    const what = 'failover double grants plain'
    expect(await countsOf({ ...CRASH, confirm: 0, elects: 'any' }, what)).toHaveProperty(what)
  },
  LIMIT_MS,
)

test(
  'a hole: a replica that has not confirmed wins, and both locks were confirmed',
  async () => {
    const what = 'failover double grants confirmed'
    expect(await countsOf({ ...CRASH, confirm: 'majority', elects: 'any' }, what)).toHaveProperty(
      what,
    )
  },
  LIMIT_MS,
)

test(
  'a hole: a master that is back without its data grants what was confirmed',
  async () => {
    const what = 'failover double grants confirmed'
    expect(await countsOf({ ...CRASH, confirm: 'majority', fails: 'wipe' }, what)).toHaveProperty(
      what,
    )
  },
  LIMIT_MS,
)

test.each(['crash', 'isolate'] as const)(
  'confirmed by the replica that wins, nothing is forgotten: %s',
  async (fails) => {
    const counts = await countsOf({ ...CRASH, confirm: 'majority', elects: 'best', fails })
    expect(counts['failover grants confirmed']).toBeGreaterThan(150)
    expect(counts['failover elects best']).toBeGreaterThan(90)
    expect(counts).not.toHaveProperty('failover forgets confirmed')
    expect(counts).not.toHaveProperty('failover double grants confirmed')
  },
  LIMIT_MS,
)
