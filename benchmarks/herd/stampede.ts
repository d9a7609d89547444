import type { DotChart } from '../harness/dot-chart.ts'
import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { compareCaches, worst } from './compare-caches.ts'
import { contenderNames, OURS, PLAIN } from './contenders.ts'

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
      rounds: 5,
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

/** Before and after: a dot for each load. */
export function drawStampede([scenario]: readonly Scenario[]): DotChart {
  const rows = scenario?.rows.map((row) => {
    const name = `${row.library}`
    return { name, dots: Number(row['loads per round']), strong: name === OURS }
  })
  return {
    title: `${processes * callers} callers in ${processes} processes ask for one missing value`,
    unit: 'a dot is one run of the loader',
    // The worst first, and what is ours last.
    rows: [...(rows ?? [])].sort((a, b) => +a.strong - +b.strong || b.dots - a.dots),
  }
}
