import { MemcacheClient as OtherClient } from 'memcache-client'
import Memcached from 'memcached'
import {
  type MemcachedClient,
  type MemcachedTransport,
  type MetaTransportOptions,
  memcacheClientTransport,
  memcachedOptions,
  metaTransport,
} from '../src/index.ts'

export interface Connected {
  readonly client: MemcachedClient | MemcachedTransport
  close(): unknown
}

/** A machine that stands still for a while must not look like a server that does. */
export const PATIENT_MS = 240_000

/** What a store can be made of, by what its tests call it. */
export const connectors: Record<string, (address: string) => Connected> = {
  memcached: (address) => connectClient(address),
  'memcached with a namespace': (address) => connectClient(address, { namespace: 'app:' }),
  'memcache-client': (address) => {
    const client = new OtherClient({ server: address, cmdTimeout: PATIENT_MS })
    return { client: memcacheClientTransport(client), close: () => client.shutdown() }
  },
  'meta commands': (address) => connectMeta(address),
}

export function connectMeta(
  address: string,
  options: MetaTransportOptions = {},
): { readonly client: ReturnType<typeof metaTransport>; close(): Promise<void> } {
  const [host = '', port] = address.split(':')
  const client = metaTransport({ host, port: Number(port), timeout: PATIENT_MS, ...options })
  return { client, close: () => client.close() }
}

export function connectClient(
  address: string | string[],
  options: Memcached.options = {},
): { readonly client: Memcached; close(): void } {
  const client = new Memcached(address, memcachedOptions({ timeout: PATIENT_MS, ...options }))
  return { client, close: () => client.end() }
}
