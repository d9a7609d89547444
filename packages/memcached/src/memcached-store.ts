import {
  type CacheStore,
  type Clock,
  cacheStoreFromCas,
  InvalidArgumentError,
  type LeaseStore,
  leaseStoreFromCas,
  systemClock,
} from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { clientTransport } from './client-transport.ts'
import { memcachedCas } from './memcached-cas.ts'
import type { MemcachedClient } from './memcached-client.ts'
import type { MemcachedTransport } from './memcached-transport.ts'
import { OWN_TTL_MAX_MS } from './wire-ttl.ts'

/** What `memcachedStore` should know of its server. */
export interface MemcachedStoreOptions {
  /**
   * Allows locks although the client spreads its keys over several servers. Then whenever two processes
   * disagree on the list of servers, a name may have two holders. Default false; a cache needs it not.
   */
  readonly locksOnSeveralServers?: boolean
  /** The server's `-I`, largest size of an item, in bytes. Default 1 MiB, as the server's. */
  readonly itemBytesMax?: number
  /** For tests: time from elsewhere. */
  readonly clock?: Clock
}

const ITEM_BYTES_LEAST = 2048

/**
 * A store on memcached, by a client that stays the caller's, or by a transport.
 *
 * Exclusive leases in whole seconds, without queue and fences; each is one entry, so a server that
 * restarts or evicts it gives the lock away. Release and extend never touch another holder's lease.
 * @throws InvalidArgumentError for a client whose namespace, or an option that, cannot be used.
 */
export function memcachedStore(
  client: MemcachedClient | MemcachedTransport,
  options: MemcachedStoreOptions = {},
): LeaseStore & CacheStore {
  checkGiven(client, 'a client of memcached')
  checkGiven(options, 'options')
  const { clock = systemClock, itemBytesMax = 2 ** 20, locksOnSeveralServers = false } = options
  if (!Number.isSafeInteger(itemBytesMax) || itemBytesMax < ITEM_BYTES_LEAST) {
    throw new InvalidArgumentError(`itemBytesMax must be an integer from ${ITEM_BYTES_LEAST} on`)
  }
  const transport = 'compareAndSet' in client ? client : clientTransport(client)
  const cas = memcachedCas(transport, { itemBytesMax }, clock)
  const cache = cacheStoreFromCas(cas)
  const leases = checkedLeases(leaseStoreFromCas(cas), transport, locksOnSeveralServers)
  return { ...cache, ...leases, facts: { ...cache.facts, ...leases.facts } }
}

/** Leases that no clock but the server's can end, on a server that all processes agree on. */
function checkedLeases(
  leases: LeaseStore,
  { servers }: MemcachedTransport,
  locksOnSeveralServers: boolean,
): LeaseStore {
  const refusal = ({ ttlMs }: { readonly ttlMs: number }): Promise<never> | undefined => {
    const why =
      servers !== 1 && !locksOnSeveralServers
        ? 'locks need a memcached client of one server'
        : ttlMs > OWN_TTL_MAX_MS
          ? 'memcached keeps a lease for less than 30 days'
          : undefined
    return why === undefined ? undefined : Promise.reject(new InvalidArgumentError(why))
  }
  // Nothing async where nothing is awaited: it would cost three turns of the queue of promises.
  return {
    ...leases,
    acquire: (request) => refusal(request) ?? leases.acquire(request),
    extend: (request) => refusal(request) ?? leases.extend(request),
  }
}
