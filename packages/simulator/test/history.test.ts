import { expect, test } from '@jest/globals'
import { check, parseHistory } from '@locks/history'
import { ALL_BUGS } from '../src/bugs/all-bugs.ts'
import type { Bug } from '../src/bugs/bug.ts'
import { override } from '../src/bugs/override.ts'
import { PRODUCTION } from '../src/run/production.ts'
import { EXPECTED, recordRun } from '../src/run/record-run.ts'

/** The verdict about the history of one schedule, and what the simulator's own checks say of it. */
async function judge(seed: number, bug?: Bug) {
  const { violation, texts } = await recordRun({ subject: PRODUCTION, bug }, seed)
  return { violation, ...check(parseHistory([...texts.values()]), EXPECTED) }
}

/** The checks that find something in the histories of 20 schedules. */
async function findings(bug: Bug): Promise<readonly string[]> {
  const found = new Set<string>()
  for (let seed = 1; seed <= 20; seed++) {
    for (const violation of (await judge(seed, bug)).violations) found.add(violation.check)
  }
  return [...found].toSorted()
}

test('the histories of simulated processes are sound, and full of what goes wrong', async () => {
  const seen = { grants: 0, contended: 0, ambiguous: 0, losses: 0, commands: 0, loads: 0, reads: 0 }
  for (let seed = 1; seed <= 100; seed++) {
    const { violation, violations, counts } = await judge(seed)
    expect({ seed, violation, violations }).toEqual({ seed, violation: undefined, violations: [] })
    for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += counts[name]
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(2)
})

test.each([
  ['fenceFromClient', ['fence order', 'store order']],
  ['getThenDel', ['store order']],
])('a seeded bug is found in the history alone: %s', async (name, checks) => {
  const bug = ALL_BUGS.find((each) => each.name === name)
  if (!bug) throw new Error(`there is no bug ${name}`)
  expect(await findings(bug)).toEqual(checks)
})

test('a store that says it has removed an entry, and has not, is found in the history alone', async () => {
  const bug: Bug = {
    ...{ name: '', about: '', where: 'cache', breaks: [], patches: [] },
    store: (store) => override(store, { remove: async (keys) => keys.length }),
    cachePlan: { delete: 0.5, expire: 0, ttlMs: [500, 5000], rounds: 5 },
  }
  expect(await findings(bug)).toEqual(['store order'])
})
