/**
 * One run per key at a time in this process; whoever asks meanwhile shares its outcome.
 * Each key is in the map exactly while its run can still be joined.
 */
export class SingleFlight {
  readonly #flights = new Map<string, Promise<unknown>>()

  get size(): number {
    return this.#flights.size
  }

  /** Joins the run under `key` or starts one, which can be told to be joined no more. */
  run<T>(key: string, start: (land: () => void) => Promise<T>): Promise<T> {
    const joined = this.#flights.get(key)
    if (joined) return joined as Promise<T>
    // A detached flight must not take its successor off the map.
    const land = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    const flight = start(land)
    this.#flights.set(key, flight)
    flight.then(land, land)
    return flight
  }

  /** The keys whose run can be joined. */
  keys(): Iterable<string> {
    return this.#flights.keys()
  }

  /** Later callers no longer join the run under `key`; those who have joined still get its outcome. */
  detach(key: string): void {
    this.#flights.delete(key)
  }
}
