import { availableParallelism } from 'node:os'
import { RespConnection, startRedis } from '@locks/test-servers'
import { now } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'
import { LOCAL, OURS, REFERENCE } from '../locks/contenders.ts'
import { judge, type Verdict } from '../locks/judge.ts'
import { SectionLog } from '../locks/section-log.ts'
import type { Contended, Contention } from '../locks/worker.ts'

const COUNTS = [1, 2, 4, 8, 16]
const CALLERS = 4
const LASTS_MS = 400
const CONTENDERS = [OURS, LOCAL, REFERENCE]

/** Of one round. */
interface Round {
  readonly verdict: Verdict
  /** Per hand-off. */
  readonly requests: number
  readonly pushes: number
  readonly cpuMicros: number
}

/** More and more processes pass one lock on. */
export async function processes({ rounds = 2 }: Settings): Promise<Scenario[]> {
  await using server = await startRedis()
  using direct = await RespConnection.open(server.port)
  const results = new Map<number, ReadonlyMap<string, readonly Round[]>>()
  for (const count of COUNTS) results.set(count, await passOn(count, server.url, direct, rounds))
  const of = (count: number, contender: string, figure: (round: Round) => number) =>
    median((results.get(count)?.get(contender) ?? []).map(figure))
  const growth = (contender: string, figure: (round: Round) => number) =>
    of(16, contender, figure) / of(2, contender, figure)
  const ours = [...results.values()].flatMap((each) =>
    [OURS, LOCAL].flatMap((name) => each.get(name) ?? []),
  )
  const overlaps = ours.reduce((sum, { verdict }) => sum + verdict.overlaps, 0)
  const failures = ours.reduce((sum, { verdict }) => sum + verdict.failures, 0)
  const title = `on one name, ${CALLERS} callers each, empty sections`
  const note = `median of ${rounds} rounds of ${LASTS_MS} ms, all in turn; each asks again at once`
  return [
    {
      title: `scale: processes ${title}`,
      notes: [
        note,
        `time at most in proportion: processes share ${availableParallelism()} processors`,
      ],
      rows: COUNTS.map((count) => ({
        processes: count,
        "ms per hand-off, fair: 'global'": digits(of(count, OURS, msOf), 3),
        "ms per hand-off, fair: 'process'": digits(of(count, LOCAL, msOf), 3),
        'ms per hand-off, BLPOP token list': digits(of(count, REFERENCE, msOf), 3),
      })),
      targets: [OURS, LOCAL].map((name) =>
        atMost(`time of a hand-off of ${name}, 16 over 2 processes`, growth(name, msOf), 8),
      ),
      violations: overlaps + failures > 0 ? [`${overlaps} overlaps, ${failures} failures`] : [],
      missing: [],
    },
    {
      title: 'scale: messages and CPU of a hand-off, by processes',
      notes: ['of the same rounds; CPU us: of the server and all processes together'],
      rows: COUNTS.flatMap((count) =>
        CONTENDERS.map((name) => ({
          processes: count,
          lock: name,
          requests: digits(of(count, name, requestsOf), 2),
          pushes: digits(of(count, name, pushesOf), 2),
          'CPU us': digits(
            of(count, name, ({ cpuMicros }) => cpuMicros),
            1,
          ),
        })),
      ),
      targets: [OURS, LOCAL].flatMap((name) => [
        atMost(`requests per hand-off of ${name}, 16 processes`, of(16, name, requestsOf), 2.1),
        atMost(`pushes per hand-off of ${name}, 16 processes`, of(16, name, pushesOf), 1),
      ]),
      violations: [],
      missing: [],
    },
  ]
}

const msOf = ({ verdict }: Round): number => 1000 / verdict.perSecond
const requestsOf = ({ requests }: Round): number => requests
const pushesOf = ({ pushes }: Round): number => pushes

async function passOn(count: number, url: string, direct: RespConnection, rounds: number) {
  await using crew = await Crew.start(new URL('../locks/worker.ts', import.meta.url), count)
  const results = new Map(CONTENDERS.map((name) => [name, [] as Round[]]))
  for (const contender of CONTENDERS)
    await warmUp(crew, { contender, url, name: `warm:${contender}:${count}` })
  for (let round = 0; round < rounds; round++) {
    for (const contender of CONTENDERS) {
      const name = `processes:${contender}:${count}:${round}`
      results.get(contender)?.push(await contend(crew, direct, { contender, url, name }))
    }
  }
  return results
}

async function warmUp(crew: Crew, on: Pick<Contention, 'contender' | 'url' | 'name'>) {
  await crew.one(0, 'prepare', on)
  await crew.all('warmUp', {
    ...on,
    callers: CALLERS,
    turns: Number.MAX_SAFE_INTEGER,
    lastsMs: 300,
  })
}

async function contend(
  crew: Crew,
  direct: RespConnection,
  on: Pick<Contention, 'contender' | 'url' | 'name'>,
): Promise<Round> {
  await crew.one(0, 'prepare', on)
  const before = await serverCount(direct, on.contender !== REFERENCE)
  const startAtMs = now() + 150
  const endAtMs = startAtMs + LASTS_MS
  const job: Contention = {
    ...{ ...on, callers: CALLERS, turns: Number.MAX_SAFE_INTEGER, startAtMs, endAtMs },
    ...{ sectionMs: 0, restMs: 0 },
  }
  const all = await crew.all<Contended>('contend', job)
  const after = await serverCount(direct, on.contender !== REFERENCE)
  const sections = all.flatMap((each, process) =>
    SectionLog.read(each.sections).map((section) => ({ ...section, process })),
  )
  const failures = all.reduce((sum, each) => sum + each.failures, 0)
  const run = { sections, callers: CALLERS * crew.size, startAtMs, endAtMs, failures }
  const cpuMicros = all.reduce((sum, each) => sum + each.cpuMicros, 0)
  return {
    verdict: judge(run, 25),
    requests: (after.requests - before.requests) / sections.length,
    pushes: (after.pushes - before.pushes) / sections.length,
    cpuMicros: (cpuMicros + after.cpuMicros - before.cpuMicros) / sections.length,
  }
}

/** So far. Scripts run commands of their own, so the requests of ours are runs of scripts. */
async function serverCount(
  direct: RespConnection,
  isOurs: boolean,
): Promise<Omit<Round, 'verdict'>> {
  const commands = String(await direct.call('INFO', 'commandstats'))
  const cpu = String(await direct.call('INFO', 'cpu'))
  const names = isOurs ? 'eval|evalsha' : 'blpop|rpush'
  return {
    requests: sumOf(commands, new RegExp(`cmdstat_(?:${names}):calls=(\\d+)`, 'g')),
    pushes: sumOf(commands, /cmdstat_publish:calls=(\d+)/g),
    cpuMicros: sumOf(cpu, /used_cpu_(?:user|sys):([\d.]+)/g) * 1e6,
  }
}

const sumOf = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0)
