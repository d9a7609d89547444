import { startRedis } from '@locks/test-servers'
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

/** More and more processes pass one lock on. */
export async function processes({ rounds = 2 }: Settings): Promise<Scenario> {
  await using server = await startRedis()
  const results = new Map<number, ReadonlyMap<string, readonly Verdict[]>>()
  for (const count of COUNTS) results.set(count, await passOn(count, server.url, rounds))
  const ms = (count: number, contender: string) =>
    median((results.get(count)?.get(contender) ?? []).map(({ perSecond }) => 1000 / perSecond))
  const ours = [...results.values()].flatMap((each) =>
    [OURS, LOCAL].flatMap((name) => each.get(name) ?? []),
  )
  const overlaps = ours.reduce((sum, verdict) => sum + verdict.overlaps, 0)
  const failures = ours.reduce((sum, verdict) => sum + verdict.failures, 0)
  return {
    title: `scale: processes on one name, ${CALLERS} callers each, empty sections`,
    notes: [`median of ${rounds} rounds of ${LASTS_MS} ms, all in turn; each asks again at once`],
    rows: COUNTS.map((count) => ({
      processes: count,
      "ms per hand-off, fair: 'global'": digits(ms(count, OURS), 3),
      "ms per hand-off, fair: 'process'": digits(ms(count, LOCAL), 3),
      'ms per hand-off, BLPOP token list': digits(ms(count, REFERENCE), 3),
    })),
    targets: [
      atMost("a hand-off of fair: 'global', 16 over 2 processes", ms(16, OURS) / ms(2, OURS), 2),
      atMost("a hand-off of fair: 'process', 16 over 2 processes", ms(16, LOCAL) / ms(2, LOCAL), 2),
    ],
    violations: overlaps + failures > 0 ? [`${overlaps} overlaps, ${failures} failures`] : [],
    missing: [],
  }
}

async function passOn(count: number, url: string, rounds: number) {
  await using crew = await Crew.start(new URL('../locks/worker.ts', import.meta.url), count)
  const verdicts = new Map(CONTENDERS.map((name) => [name, [] as Verdict[]]))
  for (const contender of CONTENDERS)
    await warmUp(crew, { contender, url, name: `warm:${contender}:${count}` })
  for (let round = 0; round < rounds; round++) {
    for (const contender of CONTENDERS) {
      const name = `processes:${contender}:${count}:${round}`
      verdicts.get(contender)?.push(await contend(crew, { contender, url, name }))
    }
  }
  return verdicts
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

async function contend(crew: Crew, on: Pick<Contention, 'contender' | 'url' | 'name'>) {
  await crew.one(0, 'prepare', on)
  const startAtMs = now() + 150
  const endAtMs = startAtMs + LASTS_MS
  const job: Contention = {
    ...{ ...on, callers: CALLERS, turns: Number.MAX_SAFE_INTEGER, startAtMs, endAtMs },
    ...{ sectionMs: 0, restMs: 0 },
  }
  const all = await crew.all<Contended>('contend', job)
  const sections = all.flatMap((each, process) =>
    SectionLog.read(each.sections).map((section) => ({ ...section, process })),
  )
  const failures = all.reduce((sum, each) => sum + each.failures, 0)
  return judge({ sections, callers: CALLERS * crew.size, startAtMs, endAtMs, failures }, 25)
}
