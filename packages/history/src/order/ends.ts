import type { Span } from '../claim.ts'

/** When something that a store keeps ends by itself: somewhere in this time. */
export type End = Span

/** What a store keeps for ever as far as its own clock says; the model ends it. */
export const FOREVER_MS = Number.POSITIVE_INFINITY

/** The end of what was kept for `ttlMs` somewhere in this time. Clocks differ a little, and some count in steps. */
export function endOf({ fromMs, untilMs }: Span, ttlMs: number, slackMs: number): End {
  const slack = slackMs + ttlMs * 0.005
  return { fromMs: fromMs + ttlMs - slack, untilMs: untilMs + ttlMs + slack }
}

/** What a command that is run somewhere in this time may find: that it is still there, that it is over, both. */
export function possible(end: End, span: Span): readonly boolean[] {
  const there = span.fromMs <= end.untilMs ? [true] : []
  const over = span.untilMs >= end.fromMs ? [false] : []
  return [...there, ...over]
}
