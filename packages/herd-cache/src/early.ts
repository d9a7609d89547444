import type { Random } from '@locks/core'
import type { EntrySettings } from './entry-options.ts'
import type { Freshness } from './pipeline/pipeline.ts'

/** Unless it is said otherwise. */
const PART_MIN = 0.2
const PART_MAX = 0.5
/** A load may take longer than the last one, and its value has to be stored. */
const LOADS = 1.1

/**
 * Whether a fresh value should be loaded anew already: by chance, the likelier the less of its ttl is
 * left and the longer its load took (XFetch). At a high rate of reads chance alone comes earlier and
 * earlier, so it is bounded by a part of the ttl: one in which a load can end before the value does.
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
  const longEnough = Math.min(PART_MAX, Math.max(PART_MIN, (LOADS * loadMs) / ttlMs))
  const { beta, maxFraction = longEnough } = early
  if (leftMs > maxFraction * ttlMs) return false
  return leftMs <= -Math.log(1 - random.fraction()) * beta * loadMs
}
