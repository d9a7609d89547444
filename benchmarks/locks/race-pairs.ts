import { now } from '../harness/clock.ts'
import type { Pair } from './pair.ts'

/** Short, so that a machine that changes its pace does so for both. */
const SLICE_MS = 100
/** Each caller has so many names of its own. */
const NAMES = 16

/** How two ways to do the same compare in one round. */
export interface Race {
  /** Pairs per second of the one over those of the other. */
  readonly ratio: number
  readonly perSecond: number
  /** Of this process. */
  readonly cpuMicros: number
  readonly floorPerSecond: number
  readonly floorCpuMicros: number
}

/** One round: the floor and the contender in turn, `slices` times. */
export async function racePairs(
  contender: Pair,
  floor: Pair,
  callers: number,
  slices: number,
): Promise<Race> {
  const ours = new Tally()
  const theirs = new Tally()
  for (let slice = 0; slice < slices; slice++) {
    await theirs.run(floor, callers)
    await ours.run(contender, callers)
  }
  return {
    ratio: ours.perSecond / theirs.perSecond,
    perSecond: ours.perSecond,
    cpuMicros: ours.cpuMicros,
    floorPerSecond: theirs.perSecond,
    floorCpuMicros: theirs.cpuMicros,
  }
}

/** What a number of slices came to. */
class Tally {
  #pairs = 0
  #ms = 0
  #cpu = 0

  get perSecond(): number {
    return this.#pairs / (this.#ms / 1000)
  }

  get cpuMicros(): number {
    return this.#cpu / this.#pairs
  }

  async run(pair: Pair, callers: number): Promise<void> {
    const startMs = now()
    const before = process.cpuUsage()
    await repeat(pair, callers, () => {
      this.#pairs++
      return now() - startMs < SLICE_MS
    })
    this.#ms += now() - startMs
    const { user, system } = process.cpuUsage(before)
    this.#cpu += user + system
  }
}

/** Callers who acquire and release names of their own until `goesOn` denies it. */
export async function repeat(pair: Pair, callers: number, goesOn: () => boolean): Promise<void> {
  const all = Array.from({ length: callers }, async (_, caller) => {
    const names = Array.from({ length: NAMES }, (_name, i) => `name-${caller}-${i}`)
    let i = 0
    do await pair(names[i++ % NAMES] as string)
    while (goesOn())
  })
  await Promise.all(all)
}
