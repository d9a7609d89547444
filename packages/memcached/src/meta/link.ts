import type { Socket } from 'node:net'
import { type Clock, type Random, StoreUnavailableError, UnsupportedError } from '@locks/core'
import { backoffMs, Interrupt, sleep } from '@locks/core/parts'
import type { Command, Dialect } from './dialect.ts'
import { isHonest } from './is-honest.ts'
import { metaDialect } from './meta-dialect.ts'
import { textDialect } from './text-dialect.ts'
import { WireConnection } from './wire-connection.ts'

export interface LinkOptions {
  connect(): Socket
  /** Must be granted on a connection before anything else is sent. */
  readonly login: Command<boolean> | undefined
  /** The server does not speak meta commands, and is asked in text from now on. */
  onFallback(): void
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: Random
}

/** A connection and what is spoken over it. */
export interface Session {
  readonly connection: WireConnection
  readonly dialect: Dialect
}

const BACKOFF = { firstMs: 20, maxMs: 500 }

/** One connection at a time, opened when a command wants one. */
export class Link {
  readonly #options: LinkOptions
  readonly #closing = new Interrupt()
  #opening: Promise<Session> | undefined
  #session: Session | undefined
  #failures = 0
  #closed: Promise<void> | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** What is open now. */
  get current(): Session | undefined {
    const isOver = this.#closing.tripped || this.#session?.connection.isBroken
    return isOver ? undefined : this.#session
  }

  /**
   * What is open now, or is being opened. After a failure the next try comes no sooner than a back-off
   * allows.
   * @throws StoreUnavailableError when that fails, or after `close`.
   */
  async session(): Promise<Session> {
    this.#closing.throwIfTripped()
    if (this.current) return this.current
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** Lets nothing begin any more, and ends the connection when all that was sent is answered. */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    this.#closing.trip(closed())
    await this.#opening?.catch(() => undefined)
    await this.#session?.connection.idle()
    this.#session?.connection.break(closed())
  }

  async #open(): Promise<Session> {
    try {
      await this.#pause()
      const spokenBefore = this.#session?.dialect
      const session = (await this.#tried(metaDialect)) ?? (await this.#tried(textDialect))
      if (!session) {
        throw new UnsupportedError('the server keeps or compares no ids, or wants a login')
      }
      this.#session = session
      this.#failures = 0
      const { dialect } = session
      if (dialect === textDialect && spokenBefore !== dialect) this.#options.onFallback()
      return session
    } catch (error) {
      this.#failures++
      throw error
    }
  }

  async #pause(): Promise<void> {
    if (this.#failures === 0) return
    const { clock, random } = this.#options
    await sleep(clock, backoffMs(this.#failures - 1, BACKOFF, random), this.#closing)
  }

  /** A new connection, if who is there speaks the dialect. */
  async #tried(dialect: Dialect): Promise<Session | undefined> {
    this.#closing.throwIfTripped()
    const { connect, login, clock, timeoutMs, random } = this.#options
    const connection = new WireConnection(connect(), clock, timeoutMs)
    const giveUp = () => connection.break(closed())
    const settled = this.#closing.onTrip(giveUp)
    try {
      if (login && !(await connection.send(login))) {
        throw new StoreUnavailableError('memcached refused the login')
      }
      if (await isHonest(connection, dialect, `locks:probe:${random.token()}`)) {
        return { connection, dialect }
      }
    } catch (error) {
      giveUp()
      throw error
    } finally {
      settled()
    }
    giveUp()
    return undefined
  }
}

const closed = () => new StoreUnavailableError('the store is closed')
