import type { CacheStore, LeaseStore } from '@locks/core'
import type { OwnConnection, RedisArgument, RedisClient } from './redis-client.ts'
import { redisStore as nodeRedisStore } from './redis-store.ts'

export * from '@locks/core'

/** The client that the caller makes and closes: `Redis` of ioredis 5 or 6, for one server. */
export interface IoredisClient {
  readonly options: { readonly keyPrefix?: string | undefined }
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>
  /** Another one like it. */
  duplicate(options: IoredisOverrides): IoredisConnection
}

export interface IoredisOverrides {
  readonly lazyConnect: boolean
  readonly autoResubscribe: boolean
  readonly keyPrefix: string
}

/** What is needed of the client's duplicate, or of a connection that the caller gives. */
export interface IoredisConnection {
  readonly stream?: { unref?(): unknown } | null
  connect(): Promise<unknown>
  disconnect(): void
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  on(event: string, listener: (channel: string, message: string) => void): unknown
}

export interface IoredisStoreOptions {
  /**
   * The connection that listens, yours and without a `keyPrefix`. Default: one extra connection, a
   * duplicate of the client, opened by the first waiter and closed with the last user.
   */
  readonly subscriber?: IoredisConnection
}

/**
 * A store on one Redis, by a client of ioredis that stays the caller's: it is never closed, and gets no
 * listeners. What ioredis sends again after a lost connection does no harm: each command may run twice.
 */
export function redisStore(
  client: IoredisClient,
  { subscriber }: IoredisStoreOptions = {},
): LeaseStore & CacheStore {
  const wrapped: RedisClient = {
    clientKeyPrefix: client.options.keyPrefix ?? '',
    sendCommand: ([name, ...args]) => client.callBuffer(String(name), args),
    duplicate: () => {
      // A prefix would be put before channels, too, but not before those that the scripts publish to.
      const overrides = { lazyConnect: true, autoResubscribe: false, keyPrefix: '' }
      return new ListeningConnection(client.duplicate(overrides))
    },
  }
  return nodeRedisStore(wrapped, subscriber && { subscriber: new ListeningConnection(subscriber) })
}

/** A connection of ioredis in the shape of npm redis. */
class ListeningConnection implements OwnConnection {
  readonly #redis: IoredisConnection
  readonly #listeners = new Map<string, (message: string) => void>()
  #isWatched = false

  constructor(redis: IoredisConnection) {
    this.#redis = redis
  }

  connect(): Promise<unknown> {
    return this.#redis.connect()
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    this.#watchMessages()
    this.#listeners.set(channel, listener)
    await this.#redis.subscribe(channel)
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#listeners.delete(channel)
    await this.#redis.unsubscribe(channel)
  }

  on(event: 'ready' | 'reconnecting' | 'error', listener: () => void): void {
    if (event === 'ready') this.#redis.on('ready', () => void this.#subscribeAgain(listener))
    else this.#redis.on(event === 'reconnecting' ? 'close' : event, listener)
  }

  unref(): void {
    const unrefStream = () => this.#redis.stream?.unref?.()
    unrefStream()
    this.#redis.on('connect', unrefStream)
  }

  destroy(): void {
    this.#redis.disconnect()
  }

  #watchMessages(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    this.#redis.on('message', (channel, message) => this.#listeners.get(channel)?.(message))
  }

  /** `ready` of ioredis says that commands may be sent, not that the channels are subscribed again. */
  async #subscribeAgain(done: () => void): Promise<void> {
    try {
      const channels = [...this.#listeners.keys()]
      if (channels.length > 0) await this.#redis.subscribe(...channels)
    } catch {
      // Lost again; the next connection comes here, too.
      return
    }
    done()
  }
}
