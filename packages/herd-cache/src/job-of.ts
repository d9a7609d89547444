import type { Job, Wanted } from './cache-parts.ts'
import type { Flight } from './single-flight.ts'

/** The load of `wanted` in `flight`. Not by a spread: a flight is an object of a class. */
export function jobOf(wanted: Wanted, flight: Flight, background: boolean): Job {
  return {
    ...wanted,
    background,
    abandoned: flight.abandoned,
    detach: () => flight.detach(),
    isJoinable: () => flight.isJoinable(),
  }
}
