import { InvalidArgumentError } from './errors.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd'

/** Milliseconds, or text with a unit: `500`, `'30s'`, `'1.5m'`. */
export type Duration = number | `${number}${Unit}`

const UNIT_MS: Record<Unit, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The longest lease and wait: what one Node timer can hold, about 24.8 days. */
export const LEASE_MS_MAX = 2 ** 31 - 1

/**
 * A duration in whole milliseconds.
 * @throws InvalidArgumentError unless it is an integer from `min` to `max`.
 */
export function toMs(value: Duration, what: string, min = 1, max = LEASE_MS_MAX): number {
  const ms = typeof value === 'string' ? parse(value) : value
  if (typeof ms === 'number' && Number.isInteger(ms) && ms >= min && ms <= max) return ms
  throw new InvalidArgumentError(
    `${what} must be a whole number of milliseconds from ${min} to ${max}, or text such as '30s'`,
  )
}

/** Like `toMs`, and `Infinity` for a wait without end. */
export function toWaitMs(value: Duration, what: string): number {
  return value === Number.POSITIVE_INFINITY ? value : toMs(value, what, 0)
}

function parse(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,15})?)(ms|s|m|h|d)$/.exec(text)
  if (!match) return Number.NaN
  const ms = Number(match[1]) * UNIT_MS[match[2] as Unit]
  // 1.1 s is 1100.0000000000002 ms in binary fractions
  return Math.abs(ms - Math.round(ms)) < 1e-6 ? Math.round(ms) : ms
}
