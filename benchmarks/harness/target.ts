import type { Target } from './report.ts'
import { digits } from './statistics.ts'

export function atMost(what: string, measured: number, limit: number): Target {
  return {
    what,
    measured: digits(measured, 2),
    limit: `<= ${digits(limit)}`,
    ok: measured <= limit,
  }
}

export function atLeast(what: string, measured: number, limit: number): Target {
  return { what, measured: digits(measured, 3), limit: `>= ${limit}`, ok: measured >= limit }
}
