import type { Turn } from './lock-relay.ts'

export interface ScenarioReport {
  readonly name: string
  readonly callers: number
  readonly processes: number
  readonly loads: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface LockReport {
  readonly grants: number
  readonly overlaps: number
  readonly fenceMonotonic: boolean
}

/** Nearest rank, in whole tenths of a millisecond. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const rank = Math.max(0, Math.ceil(sorted.length * fraction) - 1)
  return Math.round((sorted[rank] ?? 0) * 10) / 10
}

/** What the turns prove: nobody overlapped, and the fences grew in the order of the turns. */
export function judge(turns: readonly Turn[]): LockReport {
  const inOrder = [...turns].sort((a, b) => a.startMs - b.startMs)
  let overlaps = 0
  let fenceMonotonic = true
  inOrder.forEach((turn, index) => {
    const previous = inOrder[index - 1]
    if (!previous) return
    if (turn.startMs < previous.endMs) overlaps++
    if (turn.fence <= previous.fence) fenceMonotonic = false
  })
  return { grants: turns.length, overlaps, fenceMonotonic }
}
