import type { CacheStore, LeaseStore } from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { sendBy } from './ioredis-command.ts'
import { type IoredisConnection, ListeningConnection } from './listening-connection.ts'
import type { RedisArgument, RedisClient } from './redis-client.ts'
import { redisStore as nodeRedisStore } from './redis-store.ts'

export * from '@locks/core'
export type { IoredisConnection } from './listening-connection.ts'

/** The client that the caller makes and closes: `Redis` of ioredis 5 or 6, for one server. */
export interface IoredisClient {
  readonly options: { readonly keyPrefix?: string | undefined }
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>
  /** Another one like it. */
  duplicate(options: IoredisOverrides): IoredisConnection
}

/** What a duplicate that listens has otherwise than its client: we open it, subscribe it and name its channels. */
export interface IoredisOverrides {
  readonly lazyConnect: boolean
  readonly autoResubscribe: boolean
  readonly keyPrefix: string
}

/** How `redisStore` uses its client of ioredis. */
export interface IoredisStoreOptions {
  /**
   * The connection that listens, yours and without a `keyPrefix`. Default: one extra connection, a
   * duplicate of the client, opened by the first waiter and closed with the last user.
   */
  readonly subscriber?: IoredisConnection
  /**
   * Behind the client is a proxy that spreads keys over several servers, as twemproxy and Envoy do. Then
   * no command is about two names; else those of one turn go out as one. Default false.
   */
  readonly sharded?: boolean
}

/**
 * A store on one Redis, by a client of ioredis that stays the caller's: it is never closed, and gets no
 * listeners. What ioredis sends again after a lost connection does no harm: each command may run twice.
 * @throws InvalidArgumentError for a client that is none.
 */
export function redisStore(
  client: IoredisClient,
  options: IoredisStoreOptions = {},
): LeaseStore & CacheStore {
  checkGiven(client, 'a client of Redis', 'callBuffer', 'duplicate')
  checkGiven(options, 'options')
  const { subscriber, sharded = false } = options
  const wrapped: RedisClient = {
    clientKeyPrefix: client.options.keyPrefix ?? '',
    sendCommand: sendBy(client),
    duplicate: () => {
      // A prefix would be put before channels, too, but not before those that the scripts publish to.
      const overrides = { lazyConnect: true, autoResubscribe: false, keyPrefix: '' }
      return new ListeningConnection(client.duplicate(overrides))
    },
  }
  const listening = subscriber && { subscriber: new ListeningConnection(subscriber) }
  return nodeRedisStore(wrapped, { ...listening, sharded })
}
