import { setTimeout as sleep } from 'node:timers/promises'
import { type Breach, type Recorder, sharedClock } from '@locks/history'
import type { Chance } from '../chance.ts'
import type { Coordinator } from '../coordinator.ts'
import type { Crewman, Fleet } from '../fleet.ts'
import { EXCLUSIVE } from '../lock-names.ts'

export interface SceneParts {
  readonly coordinator: Coordinator
  readonly fleet: Fleet
  readonly chance: Chance
  readonly recorder: Recorder
  /** How long a fault lasts. Default: by chance. */
  readonly lastMs?: number | undefined
}

/** What a fault finds when it strikes. */
export class Scene {
  readonly coordinator: Coordinator
  readonly fleet: Fleet
  readonly chance: Chance
  readonly #recorder: Recorder
  readonly #lastMs: number | undefined

  constructor({ coordinator, fleet, chance, recorder, lastMs }: SceneParts) {
    this.coordinator = coordinator
    this.fleet = fleet
    this.chance = chance
    this.#recorder = recorder
    this.#lastMs = lastMs
  }

  /** Resolves with a worker, the one in this `place`, at the moment when it holds a lock, mostly for a while. */
  async holder(place?: number): Promise<Crewman> {
    const leastMs = this.chance.of(0.7) ? 500 : 0
    let found: Crewman | undefined
    await this.coordinator.until(() => {
      const long = this.coordinator.holdings.filter(({ forMs }) => forMs >= leastMs)
      const holders = long.map(({ worker }) => this.fleet.byName(worker))
      found = holders.find((one) => one && (place === undefined || one.place === place))
      return found !== undefined
    })
    return found as Crewman
  }

  /** On record as a fault, from when `run` begins until it is over. */
  async during(
    { kind, breaks }: { readonly kind: string; readonly breaks?: readonly Breach[] },
    run: () => Promise<unknown>,
  ): Promise<void> {
    const fault = this.#recorder.begin('fault', { fault: kind, ...(breaks && { breaks }) })
    await run()
    fault.end({ is: 'over' })
  }

  /** Resolves with how long it took when every exclusive lock has been granted once more. */
  async recovered(): Promise<number> {
    const sinceMs = sharedClock.now()
    const missing = new Set<string>(EXCLUSIVE)
    await this.coordinator.until(() => {
      for (const { lock, sinceMs: grantedMs } of this.coordinator.holdings) {
        if (grantedMs >= sinceMs) missing.delete(lock)
      }
      return missing.size === 0
    })
    return sharedClock.now() - sinceMs
  }

  /** As long as the run says; by default from a blink to longer than a lease. */
  durationMs(): number {
    const isShort = this.chance.of(0.6)
    const byChanceMs = isShort ? this.chance.between(50, 800) : this.chance.between(800, 3500)
    return this.#lastMs ?? byChanceMs
  }

  last(): Promise<void> {
    return sleep(this.durationMs())
  }
}
