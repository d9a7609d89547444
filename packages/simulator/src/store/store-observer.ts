import type { SimClient } from '../fleet/sim-client.ts'

export const STORE_OPS = [
  'acquire',
  'steal',
  'extend',
  'release',
  'leave',
  'inspect',
  'read',
  'lease',
  'renew',
  'commit',
  'fail',
  'write',
  'compareAndSet',
  'remove',
] as const

export type StoreOp = (typeof STORE_OPS)[number]

/** A command to the store, as far as checks look at it. */
export interface ObservedCommand {
  readonly client: SimClient
  readonly op: StoreOp
  readonly key: string
  /** Owner token; '' where the command has none. */
  readonly token: string
  readonly sentAtMs: number
  /** Its client knew the store's time. */
  readonly timed: boolean
  readonly request: object
}

/** Looks on while commands are sent, executed and answered. */
export interface StoreObserver {
  /** By the client, now. */
  sent(command: ObservedCommand): void
  /** By the server, now; once per copy. */
  executed(command: ObservedCommand, reply: unknown): void
  /** At the client, now, before its code hears of it; `undefined` = an error. */
  answered(command: ObservedCommand, reply: unknown): void
  /** A client is about to be told that pushes arrive again. */
  reconnected?(client: SimClient): void
  /** A client is about to be told that pushes may be lost. */
  disconnected?(client: SimClient): void
  /** A client is about to be told of a pushed grant. */
  heard?(token: string): void
  /** A client is about to be told that its lease was stolen, by whoever has this fence. */
  deposed?(token: string, thiefFence: number): void
}
