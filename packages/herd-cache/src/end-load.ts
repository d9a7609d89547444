import type { CacheParts } from './cache-parts.ts'

/**
 * Told to other processes in place of an error's reason, which is never one of these.
 * The loader had nothing to store.
 */
export const NO_VALUE = 'no value'
/** Its value cannot be handed over by the store: who wants it loads for himself. */
export const NOT_STORED = 'not stored'
/** Nobody runs it: somebody else should load. */
export const ABANDONED = 'abandoned'

/** How long the reason of a failed load waits for those who poll. */
const REASON_KEPT_MS = 5000

/**
 * Ends the lease of a load without a value, and tells those who wait for it why. Whether the store has
 * answered; if not, the lease ends by itself, and the others wait that long. Never rejects.
 */
export async function endLoad(
  { client, emit }: CacheParts,
  key: string,
  token: string,
  reason: string,
): Promise<boolean> {
  try {
    await client.fail(key, token, reason, REASON_KEPT_MS)
    return true
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    return false
  }
}
