import { startProxy, startRedis } from '@locks/test-servers'
import { now, sleep } from '../harness/clock.ts'
import { Crew } from '../harness/crew.ts'
import { countingRound, measureInTurn } from '../harness/measure-in-turn.ts'
import type { Scenario, Target } from '../harness/report.ts'
import { RequestCount, sumOf } from '../harness/request-count.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'
import {
  fullName,
  isAsItComes,
  isPeer,
  LOCAL,
  OURS,
  wantedContenders,
  wantedDefaults,
} from './contenders.ts'
import { judge, type Verdict } from './judge.ts'
import { SectionLog } from './section-log.ts'
import { type Shape, shapes } from './shapes.ts'
import { sharing } from './sharing.ts'
import { Verdicts } from './verdicts.ts'
import type { Contended, Contention } from './worker.ts'

const worker = new URL('worker.ts', import.meta.url)

/**
 * So long everybody runs before the first round, and before the others: less where sections take most of
 * the time.
 */
const warmUpMs = ({ sectionMs }: Shape, round: number) =>
  sectionMs === 0 ? 200 : round === 0 ? 100 : 50
/** Of a peer: no more than one at a time until somebody looks again is to be waited for. */
const WARM_UP_CALLERS = 4

/** Many callers, one lock. */
export async function contended(settings: Settings): Promise<Scenario[]> {
  const scenarios: Scenario[] = []
  for (const shape of shapes) scenarios.push(await contendedIn(shape, settings))
  scenarios.push(await sharing(settings))
  return scenarios
}

/** One shape alone. */
export async function contendedIn(shape: Shape, settings: Settings): Promise<Scenario> {
  await using server = await startRedis()
  await using proxy = await startProxy(server)
  proxy.delay(shape.roundTripMs / 2)
  const url = shape.roundTripMs > 0 ? proxy.url('redis') : server.url
  await using crew = await Crew.start(worker, shape.processes)
  const { results, missing } = await measureInTurn<Verdict>({
    contenders: [
      ...wantedContenders(settings).filter((name) => shape.peers !== 'none' || !isPeer(name)),
      ...(shape.peers === 'all' ? wantedDefaults(settings) : []),
    ],
    ours: OURS,
    rounds: 1 + (settings.rounds ?? shape.rounds),
    roundsOf: (name) => 1 + (settings.rounds ?? (isPeer(name) ? shape.peerRounds : shape.rounds)),
    measure: (contender, round) => {
      const turn = { shape, crew, port: server.port, contender, url, round }
      return isAsItComes(contender) ? runApart(turn) : run(turn)
    },
  })
  const ours = results.get(OURS) ?? []
  const local = results.get(LOCAL) ?? []
  const verdicts = new Verdicts(new Map([...results].map(([name, all]) => [name, timed(all)])))
  return {
    title: `contended: ${shape.title}, ${shape.roundTripMs || 'no added'} ms round trip`,
    notes: [
      lasting(shape, settings),
      'requests: by MONITOR in a round of their own, per acquisition and its release',
      'hand-off: from the call of release() until the next acquire() has resolved; wait: of acquire(); all in ms',
      'max/mean: the longest wait over the mean one; in turns: both counted in sections of others',
      `overtakings: grants while somebody had waited over ${shape.slackMs} ms longer`,
    ],
    rows: await Promise.all([...results].map(([name, verdicts]) => row(name, verdicts))),
    targets: [...commonTargets(ours), ...shape.targets(verdicts)],
    violations: [...ours, ...local].flatMap(violationsOf),
    missing,
  }
}

interface Turn {
  readonly shape: Shape
  readonly crew: Crew
  readonly port: number
  readonly contender: string
  readonly url: string
  readonly round: number
}

/** Whoever looks seldom waits for seconds when the round is over: his process ends then. */
async function runApart(turn: Omit<Turn, 'crew'>): Promise<Verdict> {
  await using crew = await Crew.start(worker, turn.shape.processes)
  return await run({ ...turn, crew })
}

async function run({ shape, crew, port, contender, url, round }: Turn): Promise<Verdict> {
  const { callers, sectionMs, restMs, slackMs } = shape
  const name = `contended:${contender}:${round}`
  const turns = Math.min(shape.turns, Number.MAX_SAFE_INTEGER)
  const warm = { contender, url, name: `warm:${name}`, turns }
  await crew.one(0, 'prepare', warm)
  await crew.all('warmUp', {
    ...warm,
    callers: isPeer(contender) ? Math.min(callers, WARM_UP_CALLERS) : callers,
    lastsMs: warmUpMs(shape, round),
  })
  await crew.one(0, 'prepare', { contender, url, name })
  using count = round === countingRound ? await RequestCount.open(port) : undefined
  const startAtMs = now() + 100
  const lastsMs = isPeer(contender) ? peerLastsMs(shape) : shape.lastsMs
  const endAtMs = startAtMs + (count ? lastsMs / 2 : lastsMs)
  const job: Contention = {
    ...{ contender, url, name, callers, turns, sectionMs, restMs, startAtMs, endAtMs },
    isCut: isAsItComes(contender),
    isAwake: isAwake(shape) && count === undefined,
  }
  const all = await crew.all<Contended>('contend', job)
  await sleep(20)
  const sections = all.flatMap((each, process) =>
    SectionLog.read(each.sections).map((section) => ({ ...section, process })),
  )
  const failures = all.reduce((sum, each) => sum + each.failures, 0)
  const requests = count && sumOf(await count.take())
  const everybody = callers * crew.size
  return judge({ sections, callers: everybody, startAtMs, endAtMs, failures, requests }, slackMs)
}

async function row(name: string, verdicts: readonly Verdict[]) {
  const of = (field: keyof Verdict) => median(timed(verdicts).map((verdict) => verdict[field]))
  const fenced = verdicts.every(({ fenceFaults }) => fenceFaults === 0)
  return {
    library: await fullName(name),
    'sections/s': digits(of('perSecond')),
    'total ms': digits(of('totalMs'), 0),
    'requests/acq.': digits(requestsOf(verdicts), 2),
    'hand-off p50': digits(of('handOffP50Ms'), 3),
    p99: digits(of('handOffP99Ms'), 3),
    'wait p99': digits(of('waitP99Ms'), 2),
    'max/mean': digits(of('maxOverMeanWait')),
    'in turns': digits(of('maxOverMeanTurns')),
    Jain: digits(of('jain'), 2),
    starved: digits(of('starved'), 0),
    overtakings: digits(of('overtakings'), 0),
    failures: verdicts.reduce((sum, { failures }) => sum + failures, 0),
    overlaps: verdicts.reduce((sum, { overlaps }) => sum + overlaps, 0),
    'fences rise': fenced ? 'yes' : 'no',
  }
}

const timed = (verdicts: readonly Verdict[]) => verdicts.slice(countingRound + 1)
const requestsOf = (verdicts: readonly Verdict[]) =>
  verdicts[countingRound]?.requestsPerAcquisition ?? Number.NaN

function commonTargets(ours: readonly Verdict[]): Target[] {
  const worst = (field: keyof Verdict) => Math.max(...timed(ours).map((verdict) => verdict[field]))
  return [
    atMost('requests per acquisition', requestsOf(ours), 2.5),
    atMost('overtakings (FIFO)', worst('overtakings'), 0),
    atMost('starved', worst('starved'), 0),
  ]
}

function lasting(shape: Shape, settings: Settings): string {
  const { turns, lastsMs, peers } = shape
  const { rounds = shape.rounds } = settings
  const { rounds: peerRounds = shape.peerRounds } = settings
  const shorter = peerLastsMs(shape) < lastsMs ? ` of ${peerLastsMs(shape)} ms` : ''
  const each = turns === Infinity ? `rounds of ${lastsMs} ms` : 'rounds until everybody is done'
  const ofPeers = peers === 'none' ? '' : `, of peers ${peerRounds}${shorter}`
  const cut = peers === 'all' ? '; with defaults who still waits then is cut off' : ''
  const awake = isAwake(shape)
    ? '; until the start one caller takes another lock over and over, so that nobody has to wake'
    : ''
  return `${each}: median of ${rounds}${ofPeers}${cut}${awake}`
}

const peerLastsMs = (shape: Shape): number => shape.peerLastsMs ?? shape.lastsMs

/** Of several processes on few processors those that are awake would keep the others from theirs. */
const isAwake = ({ turns, processes }: Shape): boolean => turns === 1 && processes === 1

function violationsOf({ failures, overlaps, fenceFaults }: Verdict): string[] {
  return [
    ...(failures > 0 ? [`${failures} calls failed`] : []),
    ...(overlaps > 0 ? [`${overlaps} sections overlapped`] : []),
    ...(fenceFaults > 0 ? [`${fenceFaults} fences did not rise`] : []),
  ]
}
