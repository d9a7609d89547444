import { NO_ID } from '../no-id.ts'
import type { Dialect } from './dialect.ts'
import { UnexpectedReplyError } from './unexpected-reply-error.ts'
import type { WireConnection } from './wire-connection.ts'

/** No server gets that far. */
const WRONG_ID = String(2n ** 64n - 1n)
const PROBE_SECONDS = 60

/**
 * Whether who is at the other end knows the commands of `dialect` and compares ids: a wrong one must
 * change nothing. Proxies and older servers know some of the commands, and leave out the comparison.
 * Uses `key`, which nobody else does, and leaves nothing behind but after a failure.
 */
export async function isHonest(
  connection: WireConnection,
  dialect: Dialect,
  key: string,
): Promise<boolean> {
  const write = { key, value: 'x', exptime: PROBE_SECONDS }
  try {
    const [added, again, deleted, swapped, item] = await Promise.all([
      connection.send(dialect.add(write)),
      connection.send(dialect.add(write)),
      connection.send(dialect.compareAndDelete(key, WRONG_ID)),
      connection.send(dialect.compareAndSet({ ...write, value: 'y' }, WRONG_ID)),
      connection.send(dialect.get(key)),
    ])
    if (!added || again || deleted || swapped || item?.value !== 'x') return false
    const { cas } = item.version
    const told = added.version?.cas
    if (cas === NO_ID || (told !== undefined && told !== cas)) return false
    return await connection.send(dialect.compareAndDelete(key, cas))
  } catch (error) {
    if (error instanceof UnexpectedReplyError) return false
    throw error
  }
}
