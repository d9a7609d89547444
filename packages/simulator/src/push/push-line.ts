import type { Subscription } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import { isIn, type TroubleTime } from '../net/trouble-time.ts'
import type { Tally } from '../tally.ts'

/** The client's end of a line. */
export interface Ear<Message> {
  hear(message: Message): void
  disconnected(): void
  reconnected(): void
}

export interface PushOptions {
  readonly tally: Tally
  readonly trouble: TroubleTime
  readonly timeoutMs: number
}

/** A push that is late is so by up to this: longer than a pushed grant lasts. */
const LATE_MS_MAX = 7000
const DOWN_MS_MAX = 800

/** One client's subscription: a connection of its own, on which the server pushes. */
export class PushLine<Message> implements Subscription {
  readonly client: SimClient
  readonly ready: Promise<void>
  /** Its client has been told that it is ready. */
  opened = false
  /** Its client has not been told otherwise since. */
  connected = false
  /** When a push was last lost or late. */
  failedAtMs = Number.NEGATIVE_INFINITY
  readonly #ear: Ear<Message>
  readonly #options: PushOptions
  #up = false
  /** The server has noticed that it is down, or was never told of it. */
  #gone = true
  #closed = false
  #connection = 0

  constructor(client: SimClient, ear: Ear<Message>, options: PushOptions) {
    this.client = client
    this.#ear = ear
    this.#options = options
    this.ready = this.#open()
    client.lines.add(this)
  }

  /** What the server thinks. */
  get alive(): boolean {
    return !this.#gone
  }

  /** By the server. @returns whether it arrives, and in time. */
  push(message: Message): boolean {
    const { faults, world } = this.client
    const { dice } = world
    if (this.#closed) return false
    let delayMs = dice.between(0.1, faults.latencyMs)
    let fails = !this.#up
    if (this.#troubled) {
      if (dice.chance(faults.losePush)) fails = this.#fault('lost push')
      else if (dice.chance(faults.latePush)) {
        delayMs += dice.spread(20, LATE_MS_MAX)
        this.#fault('late push')
        this.failedAtMs = world.nowMs
      }
      if (dice.chance(faults.repeatPush)) {
        this.#fault('repeated push')
        this.#deliver(message, delayMs + dice.spread(1, LATE_MS_MAX))
      }
    }
    if (fails) this.failedAtMs = world.nowMs
    else this.#deliver(message, delayMs)
    return this.failedAtMs < world.nowMs
  }

  /** The connection breaks. Both ends notice in their own time; then the client makes another one. */
  drop(): void {
    if (!this.#up || this.#closed) return
    this.#lose()
    const { world, faults } = this.client
    const { dice } = world
    const { timeoutMs } = this.#options
    const noticedMs = dice.pick([dice.between(0, 2), dice.between(0, 1.5 * timeoutMs)])
    const backMs = noticedMs + dice.spread(1, DOWN_MS_MAX)
    const toldMs = backMs + dice.between(0.1, faults.latencyMs)
    this.client.trouble(world.nowMs + toldMs + faults.timerLateMs + 1)
    const down = () => {
      this.connected = false
      if (!this.#closed) this.#ear.disconnected()
    }
    const back = () => {
      this.connected = true
      if (!this.#closed) this.#ear.reconnected()
    }
    world.in(noticedMs, 'push line down', down, this.client)
    world.in(backMs, 'push line up', () => {
      if (this.#closed || this.client.crashed) return
      this.#up = true
      this.#gone = false
    })
    world.in(toldMs, 'push line back', back, this.client)
  }

  /** Its client is no more. */
  crash(): void {
    this.#lose()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.client.lines.delete(this)
    const { world, faults } = this.client
    const leave = () => {
      this.#up = false
      this.#gone = true
    }
    world.in(world.dice.between(0.1, faults.latencyMs), 'push line closed', leave)
  }

  get #troubled(): boolean {
    return isIn(this.#options.trouble, this.client.world.nowMs)
  }

  #open(): Promise<void> {
    const { client } = this
    const { world, faults } = client
    const { dice } = world
    const { timeoutMs } = this.#options
    const fails = this.#troubled && dice.chance(faults.subscribeFails)
    const slow = this.#troubled && dice.chance(faults.subscribeSlow)
    const thereMs =
      dice.between(0.1, faults.latencyMs) + (slow ? dice.between(0.1, 4) * timeoutMs : 0)
    const backMs = thereMs + dice.between(0.1, faults.latencyMs)
    if (slow || fails) {
      this.#fault(fails ? 'failed subscription' : 'slow subscription')
      client.trouble(world.nowMs + Math.max(backMs, 1.01 * timeoutMs) + faults.timerLateMs + 1)
    }
    return new Promise((resolve, reject) => {
      if (fails) {
        world.in(backMs, 'no push line', () => reject(new Error('NOPERM')), client)
        return
      }
      world.in(thereMs, 'push line up', () => {
        if (this.#closed || client.crashed) return
        this.#up = true
        this.#gone = false
      })
      const tell = () => {
        this.opened = true
        this.connected = true
        resolve()
      }
      world.in(backMs, 'push line ready', tell, client)
    })
  }

  /** From now on pushes are lost, those on their way too. */
  #lose(): void {
    const { world } = this.client
    this.#up = false
    const connection = ++this.#connection
    const noticeMs = world.dice.between(0, 2 * this.#options.timeoutMs)
    world.in(noticeMs, 'push line gone', () => {
      if (connection === this.#connection && !this.#up) this.#gone = true
    })
  }

  #deliver(message: Message, delayMs: number): void {
    const connection = this.#connection
    const hear = () => {
      if (connection === this.#connection && !this.#closed) this.#ear.hear(message)
    }
    this.client.world.in(delayMs, 'push', hear, this.client)
  }

  #fault(name: string): true {
    this.#options.tally.add('fault', name)
    return true
  }
}
