import type {
  AcquireReply,
  AcquireRequest,
  ExtendReply,
  ExtendRequest,
  Inspection,
  LeaveReply,
  ReleaseReply,
  ReleaseRequest,
  StealRequest,
} from '../contract/lease-store.ts'
import { firstEnd, freeUnits, isMismatch, notMine } from './lease-readings.ts'
import { grantFromHead, hold, settle } from './lease-rule.ts'
import type { LeaseState } from './lease-state.ts'
import type { LeaseEnvironment, LeaseStep, StepGrant } from './step-types.ts'

/** Units that a request takes when it does not say: the whole of a capacity of one. */
const EXCLUSIVE = 1
const NO_GRANTS: readonly StepGrant[] = []

/**
 * The lease semantics, once: every store must answer as these functions do.
 *
 * One rule: drop the expired, then grant from the head of the queue while units fit. Exclusive = 1 of
 * 1, permits = 1 of n, reader = 1 of 2³¹, writer = 2³¹ of 2³¹.
 *
 * Deterministic: reply, grants and the new state follow from the arguments alone. `state` belongs to
 * the step and is changed in place, since a copy per command would make a queue of n waiters cost n².
 */
export const leaseStep = {
  acquire(
    state: LeaseState,
    request: Omit<AcquireRequest, 'key'>,
    env: LeaseEnvironment,
  ): LeaseStep<AcquireReply> {
    const storeNowMs = settle(state, env)
    if (isLate(request, storeNowMs)) return only({ state: 'late', storeNowMs })
    const { token, ttlMs, units = EXCLUSIVE, capacity = EXCLUSIVE, waiter } = request
    const { subscriber = '', fences = 1 } = request
    const kept = state.holders.has(token) || state.queue.has(token)
    const grants = grantFromHead(state, env, request)

    const mine = state.holders.get(token)
    if (mine) {
      mine.untilMs = storeNowMs + ttlMs
      return {
        reply: { state: 'granted', remainingMs: ttlMs, fence: mine.fence, kept, storeNowMs },
        grants,
      }
    }
    if (isMismatch(state, capacity)) {
      return { reply: { state: 'mismatch', capacity: state.capacity, storeNowMs }, grants }
    }
    state.capacity = capacity
    const told = waiter?.subscriber ?? subscriber
    // Who waits comes first, also for what it leaves free.
    if (state.queue.size === 0 && units <= freeUnits(state)) {
      const share = { units, fences, untilMs: storeNowMs + ttlMs }
      const fence = hold(state, token, share, told, env)
      return { reply: { state: 'granted', remainingMs: ttlMs, fence, kept, storeNowMs }, grants }
    }
    if (!waiter) state.queue.delete(token)
    else if (!state.queue.has(token)) {
      const { grantMs } = waiter
      const place = { subscriber: told, grantMs, units, fences, enqueuedAtMs: storeNowMs }
      state.queue.set(token, place)
    }
    return {
      reply: { state: 'held', remainingMs: firstEnd(state) - storeNowMs, kept, storeNowMs },
      grants,
    }
  },

  steal(
    state: LeaseState,
    request: Omit<StealRequest, 'key'>,
    env: LeaseEnvironment,
  ): LeaseStep<AcquireReply> {
    const storeNowMs = settle(state, env)
    if (isLate(request, storeNowMs)) return only({ state: 'late', storeNowMs })
    const { token, ttlMs, capacity = EXCLUSIVE, subscriber = '' } = request
    const granted = (fence: number) =>
      ({ state: 'granted', remainingMs: ttlMs, fence, storeNowMs }) as const

    const own = state.holders.get(token)
    if (own) {
      own.untilMs = storeNowMs + ttlMs
      return only(granted(own.fence))
    }
    if (isMismatch(state, capacity)) {
      return only({ state: 'mismatch', capacity: state.capacity, storeNowMs })
    }
    const deposed = [...state.holders]
    state.holders.clear()
    state.queue.delete(token)
    state.capacity = capacity
    const share = { units: capacity, fences: 1, untilMs: storeNowMs + ttlMs }
    const thiefFence = hold(state, token, share, subscriber, env)
    const losses = deposed.flatMap(([loser, { subscriber: told }]) =>
      told ? [{ token: loser, subscriber: told, thiefFence }] : [],
    )
    return { reply: granted(thiefFence), grants: [], losses }
  },

  extend(
    state: LeaseState,
    request: Omit<ExtendRequest, 'key'>,
    env: LeaseEnvironment,
  ): LeaseStep<ExtendReply> {
    const storeNowMs = settle(state, env)
    if (isLate(request, storeNowMs)) return only({ state: 'late', storeNowMs })
    const { token, newToken = token, ttlMs } = request
    const mine = state.holders.get(newToken) ?? state.holders.get(token)
    if (!mine) return only({ state: notMine(state), storeNowMs })
    mine.untilMs = storeNowMs + ttlMs
    if (!state.holders.has(newToken)) rename(state, token, newToken)
    return only({ state: 'extended', remainingMs: ttlMs, storeNowMs })
  },

  release(
    state: LeaseState,
    request: Omit<ReleaseRequest, 'key'>,
    env: LeaseEnvironment,
  ): LeaseStep<ReleaseReply> {
    const storeNowMs = settle(state, env)
    const released = state.holders.delete(request.token)
    const grants = grantFromHead(state, env)
    return { reply: { state: released ? 'released' : notMine(state), storeNowMs }, grants }
  },

  /** Gives up a place in the queue, and the lease if it was granted meanwhile. */
  leave(
    state: LeaseState,
    request: Omit<ReleaseRequest, 'key'>,
    env: LeaseEnvironment,
  ): LeaseStep<LeaveReply> {
    const storeNowMs = settle(state, env)
    const left = state.queue.delete(request.token)
    const released = state.holders.delete(request.token)
    const grants = grantFromHead(state, env)
    return {
      reply: { state: left ? 'left' : released ? 'released' : 'absent', storeNowMs },
      grants,
    }
  },

  inspect(state: LeaseState, env: LeaseEnvironment): LeaseStep<Inspection> {
    const storeNowMs = settle(state, env)
    const holders = [...state.holders].map(([token, { units, fence, untilMs }]) => ({
      token,
      units,
      fence,
      remainingMs: untilMs - storeNowMs,
    }))
    const inUse = holders.length > 0 || state.queue.size > 0
    const capacity = inUse ? state.capacity : EXCLUSIVE
    return only({ holders, capacity, waiters: state.queue.size })
  },
}

/** The holder keeps its age among the holders; its old subscriber knows nothing of the new token. */
function rename(state: LeaseState, token: string, newToken: string): void {
  const holders = [...state.holders]
  state.holders.clear()
  for (const [each, holder] of holders) {
    const { units, fence, untilMs } = holder
    if (each === token) state.holders.set(newToken, { units, fence, untilMs })
    else state.holders.set(each, holder)
  }
}

const isLate = (request: { readonly notAfterMs?: number }, nowMs: number): boolean =>
  request.notAfterMs !== undefined && nowMs > request.notAfterMs

const only = <Reply>(reply: Reply): LeaseStep<Reply> => ({
  reply,
  grants: NO_GRANTS,
})
