import type { LeaseState } from './lease-state.ts'

/** How much of the capacity nobody holds. */
export function freeUnits(state: LeaseState): number {
  let free = state.capacity
  state.holders.forEach((holder) => {
    free -= holder.units
  })
  return free
}

/** Whether the name is in use with another capacity. */
export function isMismatch(state: LeaseState, capacity: number): boolean {
  const inUse = state.holders.size > 0 || state.queue.size > 0
  return inUse && state.capacity !== capacity
}

/** When the first of the leases ends; Infinity if there is none. */
export function firstEnd(state: LeaseState): number {
  let first = Number.POSITIVE_INFINITY
  state.holders.forEach(({ untilMs }) => {
    first = Math.min(first, untilMs)
  })
  return first
}

/** What is told to a token that holds nothing. */
export const notMine = (state: LeaseState): 'absent' | 'taken' =>
  state.holders.size > 0 ? 'taken' : 'absent'
