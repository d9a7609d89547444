import { startRedis } from '@locks/test-servers'
import { now, sleep } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import type { Scenario, Target } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits } from '../harness/statistics.ts'
import type { Calls, CallsResult } from './calls-worker.ts'
import { compareCaches, worst } from './compare-caches.ts'
import { fullName, OURS } from './contenders.ts'

const loadMs = 10
const patienceMs = 3000
const limitMs = 300
const leaseMs = 5000
const takeoverSpareMs = 100
const worker = new URL('calls-worker.ts', import.meta.url)

/** The store dies; and a process dies that loads. */
export async function storeDown(settings: Settings): Promise<Scenario[]> {
  const killed = await compareCaches(
    {
      title: `store-down: Redis is killed, then a value is asked for, whose loader takes ${loadMs} ms`,
      notes: [`one process, one call; hung: not settled within ${patienceMs / 1000} s`],
      processes: 1,
      rounds: 2,
      anew: true,
      job: { callers: 1, loadMs, patienceMs },
      upset: (server) => server.kill(),
      targetsOf(ours) {
        const slowestMs = worst(ours, ({ latenciesMs }) => Math.max(...latenciesMs))
        return [
          {
            what: 'the value (worst)',
            measured: `${digits(slowestMs, 0)} ms`,
            limit: `<= ${limitMs} ms`,
            ok: slowestMs <= limitMs,
          },
        ]
      },
    },
    settings,
  )
  return [killed, await ourEnds()]
}

async function ourEnds(): Promise<Scenario> {
  const [backMs, takeoverMs] = [await recovery(), await takeover()]
  const target = (what: string, ms: number, limit: number): Target => {
    return { what, measured: `${digits(ms, 0)} ms`, limit: `<= ${limit} ms`, ok: ms <= limit }
  }
  return {
    title: 'store-down: how it ends',
    notes: ['no other library waits for loads elsewhere, or sees that they are over'],
    rows: [
      {
        library: await fullName(OURS),
        'cached again after a restart, ms': digits(backMs, 0),
        'load taken over after a kill, ms': digits(takeoverMs, 0),
      },
    ],
    targets: [target('takeover', takeoverMs, leaseMs + takeoverSpareMs)],
    violations: [],
    missing: [],
  }
}

const jobOn = (url: string, key: string): Calls => ({
  ...{ contender: OURS, url, key, callers: 1, loadMs, patienceMs, startAtMs: now() },
})

/** From the restart to the first value that no loader had to make. */
async function recovery(): Promise<number> {
  await using server = await startRedis()
  await using crew = await Crew.start(worker, 1)
  const ask = (key: string) => crew.one<CallsResult>(0, 'call', jobOn(server.url, key))
  await ask('warm')
  await server.kill()
  for (let call = 0; call < 20; call++) await ask(`away ${call}`)
  await server.restart()
  const restartedAtMs = now()
  for (let key = 0; ; key++) {
    await ask(`back ${key}`)
    if ((await ask(`back ${key}`)).loads === 0 && (await isStored(server.url, `back ${key}`)))
      return now() - restartedAtMs
    await sleep(20)
  }
}

/** Another process has it without a load. */
async function isStored(url: string, key: string): Promise<boolean> {
  await using crew = await Crew.start(worker, 1)
  return (await crew.one<CallsResult>(0, 'call', jobOn(url, key))).loads === 0
}

/** From the death of the loading process to the start of the next load. */
async function takeover(): Promise<number> {
  await using server = await startRedis()
  await using waiting = await Crew.start(worker, 1)
  const dying = await Crew.start(worker, 1)
  for (const crew of [waiting, dying]) await crew.one(0, 'call', jobOn(server.url, 'warm'))
  const load = { ...jobOn(server.url, 'k'), loadMs: 60_000, patienceMs: 60_000 }
  void dying.one(0, 'call', load).catch(() => {})
  await sleep(1000)
  const next = waiting.one<CallsResult>(0, 'call', {
    ...jobOn(server.url, 'k'),
    patienceMs: 60_000,
  })
  await sleep(500)
  const killedAtMs = now()
  await dying[Symbol.asyncDispose]()
  return ((await next).loadedAtMs ?? Number.NaN) - killedAtMs
}
