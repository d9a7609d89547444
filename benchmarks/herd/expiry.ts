import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits } from '../harness/statistics.ts'
import { compareCaches, worst } from './compare-caches.ts'

const processes = 6
const everyMs = 6
const loadMs = 200
const ttlMs = 1000
const durationMs = 4000

/** A value is asked for all the while, and ends again and again; nothing is served after its ttl. */
export async function expiry(settings: Settings): Promise<Scenario[]> {
  const scenario = await compareCaches(
    {
      title: `expiry: ttl 1 s for ${durationMs / 1000} s, about 1,000 calls a second, a loader of ${loadMs} ms`,
      notes: [
        `${processes} processes, one call each ${everyMs} ms; no stale values where that is an option`,
        'the value is there when it begins',
      ],
      processes,
      rounds: 1,
      job: { callers: 1, everyMs, durationMs, ttlMs, loadMs, patienceMs: 10_000 },
      targetsOf(ours) {
        const perTtl = worst(ours, ({ loads }) => loads) / (durationMs / ttlMs)
        const slow = ours.flatMap(({ latenciesMs }) =>
          latenciesMs.filter((latencyMs) => latencyMs > loadMs / 2),
        )
        return [
          {
            what: 'loads per ttl',
            measured: digits(perTtl, 2),
            limit: '<= 1.25',
            ok: perTtl <= 1.25,
          },
          {
            what: 'calls longer than half a load',
            measured: `${slow.length}`,
            limit: '0',
            ok: slow.length === 0,
          },
        ]
      },
    },
    settings,
  )
  return [scenario]
}
