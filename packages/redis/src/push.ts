import type { Subscription } from '@locks/core'
import type { RedisSubscriber } from './redis-client.ts'

/** What comes over one channel. */
export interface PushListener {
  message(text: string): void
  disconnected(): void
  reconnected(): void
}

/** A connection on its way to being one. */
export interface PushConnection {
  readonly subscriber: RedisSubscriber
  readonly connected: Promise<unknown>
  close(): Promise<unknown>
}

/** The one extra connection of a store: opened for the first channel, closed with the last. */
export class Push {
  readonly #connect: () => PushConnection
  readonly #listeners = new Map<string, PushListener>()
  #connection: PushConnection | undefined

  constructor(connect: () => PushConnection) {
    this.#connect = connect
  }

  listen(channel: string, listener: PushListener): Subscription {
    this.#listeners.set(channel, listener)
    this.#connection ??= this.#open()
    const { connected, subscriber } = this.#connection
    const ready = connected.then(async () => {
      await subscriber.subscribe(channel, (text) => listener.message(text))
    })
    return { ready, close: () => this.#leave(channel) }
  }

  #open(): PushConnection {
    const connection = this.#connect()
    const tellAll = (what: 'disconnected' | 'reconnected') => {
      for (const listener of this.#listeners.values()) listener[what]()
    }
    // Not before: the first connection is no re-connection.
    const watch = () => {
      connection.subscriber.on('reconnecting', () => tellAll('disconnected'))
      connection.subscriber.on('ready', () => tellAll('reconnected'))
    }
    connection.connected.then(watch, () => {})
    return connection
  }

  async #leave(channel: string): Promise<void> {
    if (!this.#listeners.delete(channel)) return
    const connection = this.#connection
    if (this.#listeners.size > 0) {
      await connection?.subscriber.unsubscribe(channel)
      return
    }
    this.#connection = undefined
    await connection?.close()
  }
}
