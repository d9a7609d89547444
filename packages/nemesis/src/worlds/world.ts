import type { Fault } from '../faults/fault.ts'
import type { SettingsOf } from '../fleet.ts'
import type { PrivateNetwork } from './private-network.ts'

/** Servers, the way to them, and what can befall both. */
export interface World extends AsyncDisposable {
  readonly places: number
  /** So many work in each process; 1 if not given. */
  readonly inOne?: number
  readonly faults: readonly Fault[]
  /** What cannot be done here, and why. */
  readonly skipped: Readonly<Record<string, string>>
  readonly settingsOf: (place: number) => Omit<ReturnType<SettingsOf>, 'folder' | 'sabotage'>
  /** The network of the worker in the last place, if it has one of its own. */
  readonly network?: PrivateNetwork | undefined
}

export interface WorldOptions {
  /** Whether one worker gets a network of its own, if the machine allows. Default false. */
  readonly privateNetwork?: boolean
  /** Whether clocks of servers step, if the machine allows. Default false. */
  readonly steppedClocks?: boolean
}
