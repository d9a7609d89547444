import type { Settings } from '../harness/settings.ts'
import type { Traffic } from '../harness/traffic.ts'
import type { Pair } from './pair.ts'

/** Somebody who runs a `Pair` at a place. */
export interface PairContender {
  readonly name: string
  /** Called when its turn comes. */
  open(): Promise<Pair>
  /** Of ours, by the number of callers: how many of the floor's pairs it must reach. */
  readonly wanted?: Readonly<Record<number, number>>
}

/** A server and a client of it, open. */
export interface OpenPlace {
  readonly floor: Pair
  /** Ours first. */
  readonly contenders: readonly PairContender[]
  /** What the server gets and answers during `run`, which is slower then, and may be run twice. */
  traffic(run: () => Promise<unknown>): Promise<Traffic>
  close(): Promise<unknown>
}

/** A client, and what is compared on it. */
export interface PairPlace {
  readonly title: string
  /** How many at a time. Default 1, and 64. */
  readonly callers?: readonly number[]
  /** What all are compared with. */
  readonly floorName: string
  open(settings: Settings): Promise<OpenPlace>
}
