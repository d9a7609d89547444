import type { Backend } from '../backend.ts'

/** How a worker is made wrong on purpose, so that the checks can be seen to fail. */
export type Sabotage =
  /** Leases are believed three times as long as the store keeps them. */
  | 'believes-too-long'
  /** What is given back is taken from whoever holds it. */
  | 'releases-others'

/** What a worker is told at its start. */
export interface WorkerSettings {
  readonly backend: Backend
  /** Unique in the run. */
  readonly name: string
  /** Of those who work in it: one, or several on a store that is this process. */
  readonly names: readonly string[]
  readonly seed: number
  /** Of the coordinator: a path. */
  readonly socket: string
  /** Where its history goes. */
  readonly folder: string
  /** `host:port` of the servers, as this worker reaches them. */
  readonly addresses: readonly string[]
  /** Of a cluster: what a node says its address is, and where this worker finds it. */
  readonly addressMap: Readonly<Record<string, string>>
  readonly sabotage?: Sabotage | undefined
}
