import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits } from '../harness/statistics.ts'
import { compareCaches, worst } from './compare-caches.ts'

const processes = 6
const callers = 20
const loadMs = 100

/** All ask for a value whose loader fails. */
export async function fail(settings: Settings): Promise<Scenario[]> {
  const scenario = await compareCaches(
    {
      title: `fail: ${processes} processes of ${callers} callers, a loader of ${loadMs} ms that fails`,
      notes: ['hung: not settled within 10 s'],
      processes,
      rounds: 3,
      mostLoads: 1,
      job: { callers, loadMs, fails: true, patienceMs: 10_000 },
      targetsOf(ours) {
        const loads = worst(ours, (round) => round.loads)
        const lastMs = worst(ours, ({ latenciesMs }) => Math.max(...latenciesMs))
        const limitMs = loadMs + 20
        return [
          { what: 'loads (worst)', measured: `${loads}`, limit: '1', ok: loads === 1 },
          {
            what: 'last caller (worst)',
            measured: `${digits(lastMs, 0)} ms`,
            limit: `<= ${limitMs} ms`,
            ok: lastMs <= limitMs,
          },
        ]
      },
    },
    settings,
  )
  return [scenario]
}
