import type { Random } from '@locks/core'
import type { EntrySettings } from './entry-options.ts'
import type { Freshness } from './pipeline/pipeline.ts'

/**
 * Whether a fresh value should be loaded anew already: by chance, the likelier the less of its ttl is
 * left and the longer its load took (XFetch). At a high rate of reads chance alone comes earlier and
 * earlier, so it is bounded by a part of the ttl.
 */
export function isEarlyDue(
  early: EntrySettings['early'],
  { softExpiresAtMs, loadStartedAtMs, loadMs }: Freshness,
  nowMs: number,
  random: Random,
): boolean {
  // What was set has no load whose cost could be told.
  if (!early || loadMs === 0) return false
  const leftMs = softExpiresAtMs - nowMs
  const ttlMs = softExpiresAtMs - loadStartedAtMs - loadMs
  if (leftMs > early.maxFraction * ttlMs) return false
  return leftMs <= -Math.log(1 - random.fraction()) * early.beta * loadMs
}
