import { expect, test } from '@jest/globals'
import { check, type Expectations, parseHistory } from '@locks/history'
import { ALL_BUGS } from '../src/bugs/all-bugs.ts'
import type { Bug } from '../src/bugs/bug.ts'
import { runLockSchedule } from '../src/run/lock-schedule.ts'
import { PRODUCTION } from '../src/run/production.ts'
import { tickTurn } from '../src/time/turn.ts'

const EXPECTED: Expectations = {
  atLeast: {},
  // Six store timeouts of 300 ms at most.
  commandLateMs: 2000,
  commandsRepeat: true,
  orderStepsMax: 500,
}

/** The verdict about the history of one schedule, and what the simulator's own checks say of it. */
async function judge(seed: number, bug?: Bug) {
  const texts = new Map<string, string>()
  const { violation } = await runLockSchedule({
    seed,
    subject: PRODUCTION,
    bug,
    turn: tickTurn,
    readable: false,
    record: (process, line) => texts.set(process, (texts.get(process) ?? '') + line),
  })
  return { violation, ...check(parseHistory([...texts.values()]), EXPECTED) }
}

test('the histories of simulated processes are sound, and full of what goes wrong', async () => {
  const seen = { grants: 0, contended: 0, ambiguous: 0, losses: 0, commands: 0 }
  for (let seed = 1; seed <= 20; seed++) {
    const { violation, violations, counts } = await judge(seed)
    expect({ seed, violation, violations }).toEqual({ seed, violation: undefined, violations: [] })
    for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += counts[name]
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20)
})

test.each([
  ['fenceFromClient', ['fence order', 'store order']],
  ['getThenDel', ['store order']],
])('a seeded bug is found in the history alone: %s', async (name, checks) => {
  const bug = ALL_BUGS.find((each) => each.name === name)
  if (!bug) throw new Error(`there is no bug ${name}`)
  const found = new Set<string>()
  for (let seed = 1; seed <= 20; seed++) {
    for (const violation of (await judge(seed, bug)).violations) found.add(violation.check)
  }
  expect([...found].toSorted()).toEqual(checks)
})
