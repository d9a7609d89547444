import type { AcquireReply } from '../contract/lease-store.ts'
import type { Ballot } from './ballot.ts'

/** What one node says to an acquire. `foreign`: data under the key that is not a lease. */
export type AcquireVote =
  | { readonly state: 'granted'; readonly remainingMs: number }
  | { readonly state: 'held'; readonly remainingMs: number }
  | { readonly state: 'mismatch'; readonly capacity: number }
  | { readonly state: 'foreign'; readonly error: Error }

/** What an acquire has come to. @throws ConflictError when a majority is impossible by itself. */
export function verdict({
  nodes,
  majority,
  isElected,
  yes,
  no,
}: Ballot<AcquireVote>): AcquireReply {
  if (isElected) return { state: 'granted', remainingMs: leastOf(remaining(yes, 'granted')) }
  const conflicts = no.filter(({ state }) => state !== 'held')
  const [conflict] = conflicts
  if (conflict && conflicts.length > nodes - majority) {
    if (conflict.state === 'foreign') throw conflict.error
    if (conflict.state === 'mismatch') return conflict
  }
  // One of them fewer, and a majority is possible.
  return { state: 'held', remainingMs: leastOf(remaining(no, 'held')) }
}

function remaining(votes: readonly AcquireVote[], state: 'granted' | 'held'): number[] {
  return votes.flatMap((vote) => (vote.state === state ? [vote.remainingMs] : []))
}

/** How long all of them last. */
export const leastOf = (remainingMs: readonly number[]): number => Math.min(...remainingMs)
