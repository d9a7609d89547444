import type { LeaseStore } from '../contract/lease-store.ts'

/**
 * The whole of a holder program: takes the lease named by the last three arguments (key, token, TTL in
 * ms), says `held`, and keeps it until it is killed. It ends by itself when its parent is gone.
 *
 * @throws when the lease is not granted
 */
export async function runHolder(
  store: LeaseStore,
  argv: readonly string[] = process.argv,
): Promise<void> {
  const [key = '', token = '', ttl = ''] = argv.slice(-3)
  const reply = await store.acquire({ key, token, ttlMs: Number(ttl) })
  if (reply.state !== 'granted') throw new Error(`the lease was not granted: ${reply.state}`)
  process.stdout.write('held\n')
  process.stdin.once('end', () => process.exit(1)).resume()
  await new Promise(() => {})
}
