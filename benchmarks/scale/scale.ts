import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'
import { entries } from './entries.ts'
import type { Grown } from './grown.ts'
import { names } from './names.ts'
import { processes } from './processes.ts'
import { values } from './values.ts'
import { waiters } from './waiters.ts'

/** What an operation, and what is kept, costs as there is more of everything. */
export async function scale(settings: Settings): Promise<Scenario[]> {
  const held = await names()
  const waiting = await waiters(settings)
  const cached = await entries()
  return [
    held.scenario,
    waiting.scenario,
    ...(await processes(settings)),
    await values(settings),
    memory({
      'KB per held lock': held.kilobytes,
      'KB per waiter': waiting.kilobytes,
      'KB per cached entry': cached,
    }),
  ]
}

function memory(kinds: Readonly<Record<string, Grown['kilobytes']>>): Scenario {
  const all = Object.entries(kinds)
  const counts = [...new Set(all.flatMap(([, kilobytes]) => [...kilobytes.keys()]))]
  return {
    title: 'scale: memory per item',
    notes: [
      'of the heap of the client, after a collection; an entry has a value of 100 characters',
    ],
    rows: counts
      .sort((a, b) => a - b)
      .map((items) => ({
        items,
        ...Object.fromEntries(
          all.map(([kind, kilobytes]) => [kind, digits(kilobytes.get(items) ?? Number.NaN, 2)]),
        ),
      })),
    targets: all.map(([kind, kilobytes]) => {
      const [few = Number.NaN, many = Number.NaN] = [
        kilobytes.get(1000),
        [...kilobytes.values()].at(-1),
      ]
      return atMost(`${kind}, of the most over 1,000`, many / few, 1.5)
    }),
    violations: [],
    missing: [],
  }
}
