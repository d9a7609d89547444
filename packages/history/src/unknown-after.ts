import { isLocksError } from '@locks/core'
import type { Unknown } from './calls.ts'

/** What is known of a call that has thrown. */
export function unknownAfter(error: unknown): Unknown {
  return { is: 'unknown', ...(isLocksError(error) && { code: error.code }) }
}
