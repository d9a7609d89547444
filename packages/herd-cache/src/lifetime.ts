import type { Random } from '@locks/core'
import type { EntrySettings } from './entry-options.ts'

export interface Lifetime {
  readonly freshMs: number
  /** When the store drops it. */
  readonly ttlMs: number
}

/** How long a value that is stored now lives. */
export function lifetime(
  { ttlMs, keptMs, jitter }: Pick<EntrySettings, 'ttlMs' | 'keptMs' | 'jitter'>,
  random: Random,
): Lifetime {
  const shorter = jitter > 0 ? 1 - jitter * random.fraction() : 1
  const freshMs = Math.max(1, Math.ceil(ttlMs * shorter))
  return { freshMs, ttlMs: freshMs + keptMs }
}
