import type { OwnConnection } from './redis-client.ts'

/** What is needed of the client's duplicate, or of a connection that the caller gives. */
export interface IoredisConnection {
  readonly stream?: { unref?(): unknown } | null
  connect(): Promise<unknown>
  disconnect(): void
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  on(event: string, listener: (channel: string, message: string) => void): unknown
}

/** A connection of ioredis in the shape of npm redis. */
export class ListeningConnection implements OwnConnection {
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
