import { Interrupt } from '@locks/core/parts'

/** What a run knows of those who wait for it. */
export interface Flight {
  /** Later callers no longer join. */
  detach(): void
  /** It can still be joined. */
  isJoinable(): boolean
  /** Trips when all who had joined have gone. */
  readonly abandoned: Interrupt
}

/**
 * One run per key at a time in this process; whoever asks meanwhile shares its outcome.
 * Each key is in the map exactly while its run can still be joined.
 */
export class SingleFlight {
  readonly #flights = new Map<string, Running>()

  get size(): number {
    return this.#flights.size
  }

  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /**
   * Joins the run under `key` or starts one. A caller whose interrupt trips is rejected with its reason;
   * the others are not. A run that began from another `basis` is not joined any more.
   */
  run<T>(
    key: string,
    start: (flight: Flight) => Promise<T>,
    caller?: Interrupt,
    basis?: string,
  ): Promise<T> {
    if (this.#flights.get(key)?.basis !== basis) this.detach(key)
    const joined = this.#flights.get(key)
    if (joined) return joined.join(caller) as Promise<T>
    const begun = new Running(this.#flights, key, basis)
    this.#flights.set(key, begun)
    begun.start(start)
    return begun.join(caller) as Promise<T>
  }

  /** The keys whose run can be joined. */
  keys(): Iterable<string> {
    return this.#flights.keys()
  }

  /** Later callers no longer join the run under `key`; those who have joined still get its outcome. */
  detach(key: string): void {
    this.#flights.get(key)?.detach()
  }
}

class Running implements Flight {
  readonly basis: string | undefined
  readonly #flights: Map<string, Running>
  readonly #key: string
  #joinable = true
  #callers = 0
  /** Made when it is asked for: of most flights nobody does. */
  #abandoned: Interrupt | undefined
  #outcome: Promise<unknown> = Promise.resolve()

  constructor(flights: Map<string, Running>, key: string, basis: string | undefined) {
    this.#flights = flights
    this.#key = key
    this.basis = basis
  }

  get abandoned(): Interrupt {
    this.#abandoned ??= new Interrupt()
    return this.#abandoned
  }

  start(run: (flight: Flight) => Promise<unknown>): void {
    const flight = run(this)
    this.#outcome = flight
    const land = () => this.detach()
    flight.then(land, land)
  }

  detach(): void {
    this.#joinable = false
    // A detached flight must not take its successor off the map.
    if (this.#flights.get(this.#key) === this) this.#flights.delete(this.#key)
  }

  isJoinable(): boolean {
    return this.#joinable
  }

  join(caller: Interrupt | undefined): Promise<unknown> {
    this.#callers++
    if (!caller) return this.#outcome
    return new Promise((resolve, reject) => {
      const stop = caller.onTrip((reason) => {
        stop()
        reject(reason)
        this.#leave(reason)
      })
      this.#outcome.then(resolve, reject).finally(stop)
    })
  }

  #leave(reason: unknown): void {
    if (--this.#callers > 0) return
    this.detach()
    this.abandoned.trip(reason)
  }
}
