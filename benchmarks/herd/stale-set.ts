import { startRedis } from '@locks/test-servers'
import { Crew } from '../harness/crew.ts'
import { measureInTurn } from '../harness/measure-in-turn.ts'
import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { contenderNames, fullName, OURS } from './contenders.ts'
import type { InterleavingsResult } from './interleave-worker.ts'

const interleavings = 1000

/** A delete comes while a value is loaded that was read before it. */
export async function staleSet({ only }: Settings): Promise<Scenario[]> {
  await using server = await startRedis()
  await using crew = await Crew.start(new URL('interleave-worker.ts', import.meta.url), 1)
  const isWanted = (name: string) =>
    name === OURS || only.length === 0 || only.some((part) => name.includes(part))
  const { results, missing } = await measureInTurn<number>({
    contenders: contenderNames.filter(isWanted),
    ours: OURS,
    rounds: 1,
    roundsOf: () => 1,
    async measure(contender) {
      const job = { contender, url: server.url, count: interleavings }
      return (await crew.one<InterleavingsResult>(0, 'interleave', job)).stale
    },
  })
  const [ours = 0] = results.get(OURS) ?? []
  const rows = [...results].map(async ([name, [stale]]) => ({
    library: await fullName(name),
    interleavings,
    'old value cached': stale ?? '–',
  }))
  return [
    {
      title: `stale-set: ${interleavings} random orders of two loads and a delete, two caches on one Redis`,
      notes: ['old value cached: a third cache gets it after all have come to rest'],
      rows: await Promise.all(rows),
      targets: [{ what: 'old values cached', measured: `${ours}`, limit: '0', ok: ours === 0 }],
      violations: ours > 0 ? [`${ours} old values are cached after a delete`] : [],
      missing,
    },
  ]
}
