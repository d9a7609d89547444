import type { Job, Wanted } from './cache-parts.ts'
import type { Flight } from './single-flight.ts'

/** The load of `wanted` in `flight`. */
export function jobOf(wanted: Wanted, flight: Flight, background: boolean): Job {
  return {
    key: wanted.key,
    settings: wanted.settings,
    load: wanted.load,
    background,
    abandoned: flight.abandoned,
    detach: () => flight.detach(),
    isJoinable: () => flight.isJoinable(),
  }
}
