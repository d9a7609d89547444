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
  /** Absent for one that is the caller's. */
  close?(): Promise<unknown>
}

interface Channel {
  readonly listeners: Set<PushListener>
  readonly subscribed: Promise<unknown>
}

/** The one extra connection of a store: opened for the first channel, closed with the last. */
export class Push {
  readonly #connect: () => PushConnection
  readonly #channels = new Map<string, Channel>()
  #connection: PushConnection | undefined
  /** Resolves when the connection has been closed: what is on its way then may never be answered. */
  #ended: Promise<void> | undefined
  #end = () => {}
  /** The last (un)subscription on its way: each waits for the one before it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(connect: () => PushConnection) {
    this.#connect = connect
  }

  /** It has a connection. */
  get isOpen(): boolean {
    return this.#connection !== undefined
  }

  listen(name: string, listener: PushListener): Subscription {
    const channel = this.#channels.get(name) ?? this.#subscribe(name)
    channel.listeners.add(listener)
    return {
      ready: channel.subscribed.then(() => {}),
      close: () => this.#leave(name, channel, listener),
    }
  }

  #subscribe(name: string): Channel {
    this.#connection ??= this.#open()
    const { subscriber } = this.#connection
    const listeners = new Set<PushListener>()
    const message = (text: string) => {
      for (const listener of listeners) listener.message(text)
    }
    const subscribed = this.#inTurn(() => subscriber.subscribe(name, message))
    const channel = { listeners, subscribed }
    this.#channels.set(name, channel)
    // Whoever comes after a failure tries anew.
    subscribed.catch(() => this.#forget(name, channel))
    return channel
  }

  #open(): PushConnection {
    const connection = this.#connect()
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
    const tellAll = (what: 'disconnected' | 'reconnected') => {
      for (const { listeners } of this.#channels.values()) {
        for (const listener of listeners) listener[what]()
      }
    }
    // Not before: the first connection is no re-connection.
    const watch = () => {
      connection.subscriber.on('reconnecting', () => tellAll('disconnected'))
      connection.subscriber.on('ready', () => tellAll('reconnected'))
    }
    connection.connected.then(watch, () => {})
    this.#last = connection.connected
    return connection
  }

  async #leave(name: string, channel: Channel, listener: PushListener): Promise<void> {
    if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return
    const isSubscribed = this.#forget(name, channel)
    const connection = this.#connection
    if (this.#channels.size === 0 && connection?.close) {
      this.#connection = undefined
      this.#end()
      await connection.close()
    } else if (isSubscribed) {
      const unsubscribed = this.#inTurn(async () => connection?.subscriber.unsubscribe(name))
      await Promise.race([unsubscribed, this.#ended])
    }
  }

  #forget(name: string, channel: Channel): boolean {
    return this.#channels.get(name) === channel && this.#channels.delete(name)
  }

  #inTurn(task: () => Promise<unknown>): Promise<unknown> {
    const done = this.#last.then(task)
    // A connection that is none fails whatever comes after, too.
    const connected = this.#connection?.connected
    this.#last = done.catch(() => connected)
    this.#last.catch(() => {})
    return done
  }
}
