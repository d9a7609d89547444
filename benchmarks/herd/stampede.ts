import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { compareCaches, worst } from './compare-caches.ts'
import { contenderNames, PLAIN } from './contenders.ts'

const processes = 4
const callers = 250
const loadMs = 100

export const stampedeContenders: readonly string[] = [PLAIN, ...contenderNames]

/** A value that everybody wants is not there; beside the libraries, what most code does. */
export async function stampede(settings: Settings): Promise<Scenario[]> {
  const scenario = await compareCaches(
    {
      title: `stampede: ${processes} processes of ${callers} callers, a loader of ${loadMs} ms`,
      notes: ['hung: not settled within 10 s'],
      contenders: stampedeContenders,
      processes,
      rounds: 3,
      mostLoads: 1,
      job: { callers, loadMs, patienceMs: 10_000 },
      targetsOf(ours) {
        const loads = worst(ours, (round) => round.loads)
        const hung = worst(ours, (round) => round.hung + round.failed)
        return [
          { what: 'loads (worst)', measured: `${loads}`, limit: '1', ok: loads === 1 },
          { what: 'callers without a value', measured: `${hung}`, limit: '0', ok: hung === 0 },
        ]
      },
    },
    settings,
  )
  return [scenario]
}
