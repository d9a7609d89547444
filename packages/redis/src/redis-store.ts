import type { CacheStore, LeaseStore } from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { GrantChannels } from './grant-channels.ts'
import { Push } from './push.ts'
import { duplicateConnection, givenConnection } from './push-connection.ts'
import { redisCacheStore } from './redis-cache-store.ts'
import type { RedisClient, RedisSubscriber } from './redis-client.ts'
import { redisLeaseStore } from './redis-lease-store.ts'
import { ScriptRunner } from './script-runner.ts'

/** How `redisStore` uses its client. */
export interface RedisStoreOptions {
  /**
   * The connection that listens, yours and connected. Default: one extra connection, a duplicate of a
   * single client, opened by the first waiter and closed with the last user. A pool has none to
   * duplicate: without this its waiters try again and again instead of being woken.
   */
  readonly subscriber?: RedisSubscriber
  /**
   * Behind the client is a proxy that spreads keys over several servers, as twemproxy and Envoy do. Then
   * no command is about two names; else those of one turn go out as one. Default false.
   */
  readonly sharded?: boolean
}

/**
 * A store on one Redis, by a client that stays the caller's: it is never closed, and gets no
 * listeners. Leases live in the server's memory; its clock alone decides when they end.
 * @throws InvalidArgumentError for a client that is none.
 */
export function redisStore(
  client: RedisClient,
  options: RedisStoreOptions = {},
): LeaseStore & CacheStore {
  checkGiven(client, 'a client of Redis', 'sendCommand')
  checkGiven(options, 'options')
  const runner = new ScriptRunner(client, options.sharded)
  const push = pushOf(client, options)
  const leases = redisLeaseStore(runner, push && new GrantChannels(push, runner.pushedPrefix))
  const cache = redisCacheStore(runner, push)
  return { ...leases, ...cache, facts: { ...leases.facts, ...cache.facts } }
}

function pushOf(client: RedisClient, { subscriber }: RedisStoreOptions): Push | undefined {
  if (subscriber) return new Push(() => givenConnection(subscriber))
  const { duplicate } = client
  if (client.execute || !duplicate) return undefined
  return new Push(() => duplicateConnection(() => duplicate.call(client)))
}
