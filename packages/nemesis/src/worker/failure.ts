import { isLocksError } from '@locks/core'
import type { Worker } from './worker.ts'

/** What faults may lead to; all else is a bug. */
const FORESEEN = new Set(['LOCK_TIMEOUT', 'LOCK_LOST', 'STORE_UNAVAILABLE', 'CONFLICT'])

/** The code of a failure that faults explain; any other failure is reported as a surprise. */
export function codeOf(error: unknown, { link }: Worker): string {
  const code = isLocksError(error) ? error.code : String(error)
  if (!FORESEEN.has(code)) link.report({ is: 'surprised', by: code })
  return code
}
