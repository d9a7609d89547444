import type { LoadLeaseReply, LoadLeaseRequest } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import { ABANDONED, endLoad } from './end-load.ts'

/** What the caller knows of the entry. */
export type Known = Pick<LoadLeaseRequest, 'seen' | 'awaited'>

/** `trouble` with the store: then this process is not elected. */
export type Asked =
  | Extract<LoadLeaseReply, { readonly state: 'fresh' | 'lost' | 'failed' }>
  | { readonly state: 'won'; readonly token: string }
  | { readonly state: 'trouble' }

/** After an election without an answer there is one more, if the store answers again. */
const TRIES = 2

/**
 * Looks, and asks to be elected. Each election has a token of its own, and whose reply is lost never loads:
 * its request may be run once more at any time, behind a delete that the loader has not seen. So it is
 * given up, and there is another one. Never rejects.
 */
export async function askForLease(parts: CacheParts, key: string, known: Known): Promise<Asked> {
  const { client, emit, leaseMs, random } = parts
  for (let tries = 1; ; tries++) {
    const token = random.token()
    try {
      const reply = await client.lease({ key, token, leaseMs, ...known })
      return reply.state === 'won' ? { state: 'won', token } : reply
    } catch (error) {
      emit({ type: 'store-error', key, error: error as Error })
      const isGivenUp = await endLoad(parts, key, token, ABANDONED)
      if (!isGivenUp || tries === TRIES) return { state: 'trouble' }
    }
  }
}
