import type { HeldLeases } from './held-leases.ts'
import type { LeaseClient } from './lease-client.ts'

/**
 * Takes a lock from those who hold it now, by their tokens: somebody who gets it meanwhile keeps it.
 * @throws StoreUnavailableError
 */
export async function breakLock(
  leases: LeaseClient,
  held: HeldLeases,
  key: string,
): Promise<boolean> {
  const { holders } = await leases.inspect(key)
  const broken = holders.map(async ({ token }) => {
    const { state } = await leases.release({ key, token }).reply
    if (state !== 'released') return false
    held.lose(token, 'deleted')
    return true
  })
  return (await Promise.all(broken)).includes(true)
}
