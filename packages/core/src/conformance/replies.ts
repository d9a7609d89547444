import assert from 'node:assert/strict'
import { NotApplicable } from './rule-group.ts'

/** The reply, which must be in this state. */
export function inState<Reply extends { readonly state: string }, State extends Reply['state']>(
  reply: Reply,
  state: State,
): Extract<Reply, { readonly state: State }> {
  assert.equal(reply.state, state)
  return reply as Extract<Reply, { readonly state: State }>
}

/** A time left is above zero, and not longer than what was asked for allows. */
export function assertRemaining(remainingMs: number, maxMs: number): void {
  const fits = typeof remainingMs === 'number' && remainingMs > 0 && remainingMs <= maxMs
  assert.ok(fits, `remainingMs is ${remainingMs}, and should be above 0 and at most ${maxMs}`)
}

/** The store's time of a reply; rules that need it cannot be asked of a store without a clock. */
export function storeTimeOf(reply: { readonly storeNowMs?: number }): number {
  if (reply.storeNowMs === undefined) throw new NotApplicable('its replies tell no store time')
  return reply.storeNowMs
}

/** How often each state was answered. */
export function tally(replies: readonly { readonly state: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state } of replies) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
