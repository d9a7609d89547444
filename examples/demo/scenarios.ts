import { type CacheStore, createLocks, HerdCache, type LeaseStore } from '@locks/herd-cache'
import { expensiveReport, type Report } from './expensive-report.ts'

export const scenarioNames = [
  'no cache',
  'plain TTL cache',
  'lock around the cache',
  'HerdCache',
] as const

export type ScenarioName = (typeof scenarioNames)[number]

/** What one caller does in each scenario. All of a process share the cache and the locks made here. */
export function createScenarios(
  store: LeaseStore & CacheStore,
  runId: string,
  backendUrl: string,
): Record<ScenarioName, () => Promise<Report>> {
  const load = () => expensiveReport(backendUrl)
  const locks = createLocks(store, { prefix: 'demo', wait: '60s', storeTimeout: '30s' })
  const cache = new HerdCache({ store, namespace: 'demo', ttl: '1m', storeTimeout: '30s' })

  /** Reads, and on a miss loads and writes: what most code does, and what a herd runs through. */
  const readOrLoad = async (key: string[]): Promise<Report> => {
    const cached = await cache.get<Report>(key)
    if (cached) return cached
    const report = await load()
    await cache.set(key, report)
    return report
  }

  return {
    'no cache': load,
    'plain TTL cache': () => readOrLoad([runId, 'plain']),
    'lock around the cache': async () => {
      const key = [runId, 'locked']
      return (await cache.get<Report>(key)) ?? (await locks.request(key, () => readOrLoad(key)))
    },
    HerdCache: () => cache.getOrSet([runId, 'herd'], load),
  }
}
