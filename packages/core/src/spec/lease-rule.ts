import type { AcquireRequest } from '../contract/lease-store.ts'
import { freeUnits } from './lease-readings.ts'
import type { LeaseHolder, LeaseState } from './lease-state.ts'
import type { LeaseEnvironment, StepGrant } from './step-types.ts'

const NO_GRANTS: readonly StepGrant[] = []

/** Drops the expired; answers the store's time in ms. */
export function settle(state: LeaseState, env: LeaseEnvironment): number {
  const nowMs = Math.floor(env.nowUs / 1000)
  state.holders.forEach((holder, token) => {
    if (holder.untilMs <= nowMs) state.holders.delete(token)
  })
  return nowMs
}

/** A new holder, with fences greater than all before; answers the first. */
export function hold(
  state: LeaseState,
  token: string,
  { units, fences, untilMs }: Pick<LeaseHolder, 'units' | 'untilMs'> & { readonly fences: number },
  subscriber: string,
  env: LeaseEnvironment,
): number {
  const fence = Math.max(state.fence + 1, env.nowUs)
  state.fence = fence + fences - 1
  const holder: LeaseHolder = subscriber
    ? { units, fence, untilMs, subscriber }
    : { units, fence, untilMs }
  state.holders.set(token, holder)
  return fence
}

/** `own` is answered by its reply, with its full TTL and not by a push. */
export function grantFromHead(
  state: LeaseState,
  env: LeaseEnvironment,
  own?: Omit<AcquireRequest, 'key'>,
): readonly StepGrant[] {
  return state.queue.size === 0 ? NO_GRANTS : grantWhileFree(state, env, own)
}

function grantWhileFree(
  state: LeaseState,
  env: LeaseEnvironment,
  own: Omit<AcquireRequest, 'key'> | undefined,
): readonly StepGrant[] {
  const grants: StepGrant[] = []
  const grantedAtMs = Math.floor(env.nowUs / 1000)
  let free = freeUnits(state)

  for (const [token, waiter] of state.queue) {
    const isOwn = token === own?.token
    const alive = isOwn || env.alive(waiter.subscriber)
    // Nobody needs less than one: who is gone is found when his turn comes.
    if (free < 1 || (alive && waiter.units > free)) break
    state.queue.delete(token)
    if (!alive) continue
    free -= waiter.units
    const remainingMs = isOwn ? own.ttlMs : waiter.grantMs
    const { subscriber, enqueuedAtMs, units, fences } = waiter
    const share = { units, fences, untilMs: grantedAtMs + remainingMs }
    const fence = hold(state, token, share, subscriber, env)
    if (isOwn) continue
    grants.push({ token, subscriber, fence, remainingMs, enqueuedAtMs, grantedAtMs })
  }
  return grants
}
