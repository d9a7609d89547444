import { startMemcached, startRedis, startRedisCluster } from '@locks/test-servers'
import { Crew } from '../harness/crew.ts'
import { measureInTurn } from '../harness/measure-in-turn.ts'
import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { contenderNames, fullName, OURS } from './contenders.ts'
import type { InterleavingsResult } from './interleave-worker.ts'

const interleavings = 1000
const worker = new URL('interleave-worker.ts', import.meta.url)
const orders = `${interleavings} random orders of two loads, deletes and sets by two caches`
const notes = ['old value: a third cache gets it after all have come to rest']

/** A change comes while a value is loaded that was read before it. */
export async function staleSet(settings: Settings): Promise<Scenario[]> {
  return [await besidePeers(settings), await onOtherBackends()]
}

async function besidePeers({ only }: Settings): Promise<Scenario> {
  await using server = await startRedis()
  const isWanted = (name: string) =>
    name === OURS || only.length === 0 || only.some((part) => name.includes(part))
  const { results, missing } = await measureInTurn<InterleavingsResult>({
    contenders: contenderNames.filter(isWanted),
    ours: OURS,
    rounds: 1,
    roundsOf: () => 1,
    measure: (contender) => interleave(contender, server.url),
  })
  const rows = await Promise.all(
    [...results].map(async ([name, [result]]) => row({ library: await fullName(name) }, result)),
  )
  return {
    title: `stale-set: ${orders}, on one Redis`,
    rows,
    missing,
    ...judged(results.get(OURS)),
  }
}

async function onOtherBackends(): Promise<Scenario> {
  await using cluster = await startRedisCluster()
  await using memcached = await startMemcached()
  const addresses = {
    memory: '',
    'redis-cluster': cluster.urls[0] ?? '',
    memcached: memcached.address,
  }
  const results: InterleavingsResult[] = []
  for (const [backend, address] of Object.entries(addresses))
    results.push(await interleave(backend, address))
  const rows = Object.keys(addresses).map((backend, at) => row({ backend }, results[at]))
  return { title: `stale-set: ${orders}, ours elsewhere`, rows, missing: [], ...judged(results) }
}

async function interleave(contender: string, url: string): Promise<InterleavingsResult> {
  await using crew = await Crew.start(worker, 1)
  return await crew.one<InterleavingsResult>(0, 'interleave', {
    contender,
    url,
    count: interleavings,
  })
}

const row = (whose: Readonly<Record<string, string>>, result?: InterleavingsResult) => ({
  ...whose,
  interleavings,
  'old value after a delete': result?.staleAfterDelete ?? '–',
  'after a set': result?.staleAfterSet ?? '–',
})

function judged(ours: readonly InterleavingsResult[] = []) {
  const stale = ours.reduce(
    (sum, { staleAfterDelete, staleAfterSet = 0 }) => sum + staleAfterDelete + staleAfterSet,
    0,
  )
  return {
    notes,
    targets: [{ what: 'old values cached', measured: `${stale}`, limit: '0', ok: stale === 0 }],
    violations: stale > 0 ? [`${stale} old values are cached after a change`] : [],
  }
}
