import type { CountName, Counts } from './counts.ts'
import type { Expectations } from './expectations.ts'

/** What was seen too little of to believe in what was not found. */
export function vacuities(counts: Counts, expected: Expectations): string[] {
  const { atLeast, faultsWhileHeld = {} } = expected
  const few = Object.entries(atLeast).flatMap(([name, least]) => {
    const seen = counts[name as CountName]
    return seen < least ? [`${name}: ${seen} of at least ${least}`] : []
  })
  const unfelt = Object.entries(faultsWhileHeld).flatMap(([fault, least]) => {
    const seen = counts.byFault[fault]?.whileHeld ?? 0
    return seen < least ? [`${fault} while a lock is held: ${seen} of at least ${least}`] : []
  })
  return [...few, ...unfelt]
}
