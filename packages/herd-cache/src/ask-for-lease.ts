import type { LoadLeaseReply, LoadLeaseRequest } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import { ABANDONED, endLoad } from './end-load.ts'

/** What the caller knows of the entry. */
export type Known = Pick<LoadLeaseRequest, 'seen' | 'awaited'>

/** `unanswered`: given up, and the store answers again. `trouble`: it does not. */
export type Asked =
  | Extract<LoadLeaseReply, { readonly state: 'fresh' | 'lost' | 'failed' }>
  | { readonly state: 'won'; readonly token: string }
  | { readonly state: 'unanswered' | 'trouble' }

/**
 * Looks, and asks to be elected. Each election has a token of its own, and whose reply is lost never loads:
 * its request may be run once more at any time, behind a delete that the loader has not seen. Never rejects.
 */
export async function askForLease(parts: CacheParts, key: string, known: Known): Promise<Asked> {
  const { client, emit, leaseMs, random } = parts
  const token = random.token()
  try {
    const reply = await client.lease({ key, token, leaseMs, ...known })
    return reply.state === 'won' ? { state: 'won', token } : reply
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    const isGivenUp = await endLoad(parts, key, token, ABANDONED)
    return { state: isGivenUp ? 'unanswered' : 'trouble' }
  }
}
