import type { Asked, Kind, Outcome } from '../src/calls.ts'
import { History, type Operation } from '../src/index.ts'

/** One operation, `[from, to]` in ms; `to` may be Infinity. */
export function op<K extends Kind>(
  process: string,
  [invokedMs, completedMs]: readonly [number, number],
  kind: K,
  asked: Asked<K>,
  outcome?: Outcome<K>,
): Operation {
  return { kind, process, asked, invokedMs, completedMs, outcome } as Operation
}

export function historyOf(...operations: readonly (Operation | readonly Operation[])[]): History {
  return new History(operations.flat() as Operation[])
}

interface HoldOptions {
  readonly lock?: string
  readonly units?: number
  readonly capacity?: number
  readonly fence?: number
  readonly steals?: boolean
  readonly ttlMs?: number
  readonly askedMs?: number
}

/** Acquires, is seen to hold from the first to the last of the times, releases. */
export function hold(
  process: string,
  token: string,
  [fromMs, untilMs]: readonly [number, number],
  options: HoldOptions = {},
): Operation[] {
  const { lock = 'a', ttlMs = 1000, fence, askedMs = fromMs - 1, ...more } = options
  const tenancy = { lock, token }
  return [
    op(
      process,
      [askedMs, fromMs],
      'acquire',
      { lock, ttlMs, ...more },
      {
        is: 'granted',
        token,
        ...(fence !== undefined && { fence }),
      },
    ),
    op(process, [untilMs, untilMs], 'held', tenancy, { is: 'seen' }),
    op(process, [untilMs, untilMs + 1], 'release', tenancy, { is: 'released' }),
  ]
}
