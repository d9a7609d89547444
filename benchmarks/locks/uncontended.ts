import type { Missing, Scenario, Target } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import type { Traffic } from '../harness/traffic.ts'
import { memcachedPlaces } from './memcached-places.ts'
import type { Pair } from './pair.ts'
import type { OpenPlace, PairContender, PairPlace } from './pair-place.ts'
import { type Race, racePairs, repeat } from './race-pairs.ts'
import { redisPlaces } from './redis-places.ts'

const roundsByDefault = 5
const peerRoundsByDefault = 2
const slices = 4
const counted = 640

interface Measured {
  readonly contender: PairContender
  /** Of one pair. */
  readonly traffic: Traffic
  readonly races: readonly Race[]
}

/** Acquire and release of names that nobody else wants. */
export async function uncontended(settings: Settings): Promise<Scenario[]> {
  const scenarios: Scenario[] = []
  for (const place of [...redisPlaces, ...memcachedPlaces]) {
    const open = await place.open(settings)
    try {
      for (const callers of place.callers ?? [1, 64])
        scenarios.push(await compare(place, open, callers, settings))
    } finally {
      await open.close()
    }
  }
  return scenarios
}

async function compare(
  { title, floorName }: PairPlace,
  place: OpenPlace,
  callers: number,
  settings: Settings,
): Promise<Scenario> {
  const measured: Measured[] = []
  const missing: Missing[] = []
  const floorTraffic = await countTraffic(place, place.floor, callers)
  for (const [at, contender] of place.contenders.entries()) {
    const isOurs = at === 0
    const rounds = settings.rounds ?? (isOurs ? roundsByDefault : peerRoundsByDefault)
    try {
      measured.push(await measure(place, contender, callers, rounds))
    } catch (error) {
      if (isOurs) throw error
      missing.push({ name: contender.name, why: (error as Error).message })
    }
  }
  const races = measured.flatMap((each) => each.races)
  const floorRow = {
    library: `floor: ${floorName}`,
    'of floor': '1',
    spread: '',
    'pairs/s': digits(median(races.map(({ floorPerSecond }) => floorPerSecond)), 0),
    'CPU us/pair': digits(median(races.map(({ floorCpuMicros }) => floorCpuMicros))),
    ...trafficCells(floorTraffic),
  }
  return {
    title: `uncontended: ${title}, ${callers === 1 ? '1 caller' : `${callers} callers`}`,
    notes: [
      `acquire and release of names that nobody else wants; each in turn with the floor, 100 ms each,`,
      `${slices} times a round; median ratio of the rounds, with the least and the greatest`,
    ],
    rows: [floorRow, ...measured.map(rowOf)],
    targets: measured.flatMap((each) => targetOf(each, callers)),
    violations: [],
    missing,
  }
}

async function measure(
  place: OpenPlace,
  contender: PairContender,
  callers: number,
  rounds: number,
): Promise<Measured> {
  const pair = await contender.open()
  const traffic = await countTraffic(place, pair, callers)
  const races: Race[] = []
  // The first round is the compiler's.
  for (let round = 0; round <= rounds; round++) {
    races.push(await racePairs(pair, place.floor, callers, slices))
  }
  return { contender, traffic, races: races.slice(1) }
}

/** The first pairs connect, and upload scripts. */
async function countTraffic(place: OpenPlace, pair: Pair, callers: number): Promise<Traffic> {
  await repeat(pair, callers, () => false)
  let pairs = 0
  const { requests, bytes } = await place.traffic(() => {
    pairs = 0
    return repeat(pair, callers, () => ++pairs + callers <= counted)
  })
  return { requests: requests / pairs, bytes: bytes / pairs }
}

const trafficCells = ({ requests, bytes }: Traffic) => ({
  'requests/pair': digits(requests, 2),
  'bytes/pair': digits(bytes, 0),
})

function rowOf({ contender, traffic, races }: Measured) {
  const ratios = races.map(({ ratio }) => ratio)
  return {
    library: contender.name,
    'of floor': digits(median(ratios), 2),
    spread: `${digits(Math.min(...ratios), 2)}-${digits(Math.max(...ratios), 2)}`,
    'pairs/s': digits(median(races.map(({ perSecond }) => perSecond)), 0),
    'CPU us/pair': digits(median(races.map(({ cpuMicros }) => cpuMicros))),
    ...trafficCells(traffic),
  }
}

function targetOf({ contender, races }: Measured, callers: number): Target[] {
  const least = contender.wanted?.[callers]
  if (least === undefined) return []
  const ratio = median(races.map((race) => race.ratio))
  return [
    {
      what: `${contender.name} beside the floor`,
      measured: digits(ratio, 2),
      limit: `>= ${least}`,
      ok: ratio >= least,
    },
  ]
}
