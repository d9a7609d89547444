import { MemcacheClient as OtherClient } from 'memcache-client'
import Memcached from 'memcached'
import {
  type MemcachedClient,
  type MemcachedTransport,
  memcacheClientTransport,
  memcachedOptions,
} from '../src/index.ts'

export interface Connected {
  readonly client: MemcachedClient | MemcachedTransport
  close(): void
}

/** What a store can be made of, by what its tests call it. */
export const connectors: Record<string, (address: string) => Connected> = {
  memcached: (address) => connectClient(address),
  'memcached with a namespace': (address) => connectClient(address, { namespace: 'app:' }),
  'memcache-client': (address) => {
    const client = new OtherClient({ server: address })
    return { client: memcacheClientTransport(client), close: () => client.shutdown() }
  },
}

export function connectClient(
  address: string | string[],
  options: Memcached.options = {},
): { readonly client: Memcached; close(): void } {
  const client = new Memcached(address, memcachedOptions(options))
  return { client, close: () => client.end() }
}
