import { startMemcached, textExchange } from '@locks/test-servers'
import { now, sleep } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { fullName, OURS } from './contenders.ts'
import type { Herd, HerdResult } from './worker.ts'

const processes = [2, 6, 12]
const callers = 50
const loadMs = 200

/** Ours where nothing is pushed: who waits for a load looks again. */
export async function onMemcached({ rounds = 5 }: Settings): Promise<Scenario> {
  const herds: { readonly size: number; readonly each: readonly HerdCount[] }[] = []
  for (const size of processes) herds.push({ size, each: await herdsOf(size, rounds) })
  const loads = Math.max(...herds.flatMap(({ each }) => each.map((herd) => herd.loads)))
  const library = await fullName(OURS)
  return {
    title: `cold-herd: ${callers} callers a process, a loader of ${loadMs} ms, on memcached`,
    notes: ['requests: as the server counts them; median of the rounds'],
    rows: herds.map(({ size, each }) => ({
      library,
      processes: size,
      loads: digits(median(each.map((herd) => herd.loads)), 0),
      requests: digits(median(each.map((herd) => herd.requests)), 0),
    })),
    targets: [{ what: 'loads (worst)', measured: `${loads}`, limit: '1', ok: loads === 1 }],
    violations: [],
    missing: [],
  }
}

interface HerdCount {
  readonly loads: number
  readonly requests: number
}

async function herdsOf(size: number, rounds: number): Promise<HerdCount[]> {
  await using server = await startMemcached()
  await using crew = await Crew.start(new URL('worker.ts', import.meta.url), size)
  const herds: HerdCount[] = []
  const job = { contender: 'memcached', url: server.address, callers, loadMs }
  const ask = async (key: string) => {
    const herd: Herd = { ...job, key, startAtMs: now() + 100 }
    const results = await crew.all<HerdResult>('ask', herd)
    await sleep(30)
    return results.reduce((sum, { loads }) => sum + loads, 0)
  }
  await ask('warm')
  for (let round = 0; round < rounds; round++) {
    const before = await requestsAt(server.port)
    const loads = await ask(`herd-${round}`)
    herds.push({ loads, requests: (await requestsAt(server.port)) - before })
  }
  return herds
}

const COUNTED = ['cmd_get', 'cmd_set', 'cmd_touch', 'delete_hits', 'delete_misses']

async function requestsAt(port: number): Promise<number> {
  const stats = await textExchange(port, 'stats\r\n', /END\r\n$/)
  const count = (name: string) => Number(new RegExp(`STAT ${name} (\\d+)`).exec(stats)?.[1])
  return COUNTED.reduce((sum, name) => sum + count(name), 0)
}
