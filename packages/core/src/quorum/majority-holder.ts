import type { Holder, Inspection } from '../contract/lease-store.ts'
import { majorityOf, poll } from './poll.ts'

/** Who holds a key in a majority of nodes; `remainingMs` = for how long it does. @throws as `poll`. */
export function majorityHolder(inspections: readonly Promise<Inspection>[]): Promise<Inspection> {
  const nodes = inspections.length
  const majority = majorityOf(nodes)
  return poll(inspections, (replies) => {
    const held = new Map<string, number[]>()
    for (const { token, remainingMs } of replies.flatMap(({ holders }) => holders)) {
      held.set(token, [...(held.get(token) ?? []), remainingMs])
    }
    let most = 0
    for (const [token, remainingMs] of held) {
      if (remainingMs.length >= majority) return inspection([holder(token, remainingMs, majority)])
      most = Math.max(most, remainingMs.length)
    }
    // Whoever has not answered may agree with any of them.
    const silent = nodes - replies.length
    return most + silent < majority ? inspection([]) : undefined
  })
}

const inspection = (holders: readonly Holder[]): Inspection => ({
  holders,
  capacity: 1,
  waiters: 0,
})

function holder(token: string, remainingMs: readonly number[], majority: number): Holder {
  const longestFirst = remainingMs.toSorted((a, b) => b - a)
  return { token, units: 1, remainingMs: longestFirst[majority - 1] ?? 0 }
}
