import { backoffMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { LeaseClient, Sent } from './lease-client.ts'
import { UNDOS_AT_ONCE, UndoLane } from './undo-lane.ts'

const BACKOFF = { firstMs: 50, maxMs: 1000 }

/** So many places are remembered beyond their ttl; one more is given back when it is granted. */
const PLACES_MAX = 1000

interface Abandoned {
  readonly key: string
  readonly token: string
  readonly ttlMs: number
  /** It may have what `ttlMs` does not end: a place in the queue, or a lease that another process has set. */
  readonly outlastsTtl?: boolean
}

/**
 * Takes back what may have been granted to nobody: an acquire without an answer, a release without one.
 * Repeats the release, or the leave where the store has a queue, in the background until the store
 * confirms that the token holds nothing and can hold nothing later, or its TTL has passed; of what outlasts
 * that, until the store answers. So many at a time, lest those that an outage has left are a storm
 * that makes more of them. Never keeps the process alive.
 */
export class Undo {
  readonly #leases: LeaseClient
  readonly #clock: Clock
  readonly #random: Random
  readonly #lane = new UndoLane()
  readonly #unanswered = new Set<Promise<void>>()
  #places = 0
  #lastPlace: Promise<void> = Promise.resolve()
  /** Tries in a row. */
  #failures = 0
  #closed = false

  constructor(leases: LeaseClient, clock: Clock, random: Random) {
    this.#leases = leases
    this.#clock = clock
    this.#random = random
  }

  /** `sent`: the command that may still be on its way; absent = it has run. */
  start(abandoned: Abandoned, sent?: Sent<unknown>): void {
    const answered = new Promise<void>((resolve) => void this.#run(abandoned, sent, resolve))
    this.#unanswered.add(answered)
    void answered.then(() => this.#unanswered.delete(answered))
  }

  /** Resolves when the store has answered each undo once. Repeats for late arrivals go on after that. */
  async answered(): Promise<void> {
    await Promise.all(this.#unanswered)
  }

  /** No place is asked about any longer, nor anything once the store does not answer. */
  close(): void {
    this.#closed = true
  }

  async #run(
    abandoned: Abandoned,
    sent: Sent<unknown> | undefined,
    onAnswer: () => void,
  ): Promise<void> {
    const { key, token, ttlMs, outlastsTtl } = abandoned
    const longestMs = this.#leases.longestMs(ttlMs)
    const overAtMs = sent && sent.overAtMs < Infinity ? sent.overAtMs : this.#clock.now()
    const mayStillRun = await this.#repeat(
      abandoned,
      new Arrival(sent),
      longestMs + overAtMs,
      onAnswer,
    )
    if (mayStillRun === undefined) return
    // Where no clock bounds a command it may run even later. Then its answer tells.
    if (mayStillRun && sent) {
      Promise.resolve(sent.outcome).then(() => this.start(abandoned), nothing)
    }
    // A lease of ours is over; the rest is not.
    if (outlastsTtl) await this.#leave(key, token)
    onAnswer()
  }

  /** Until the token has nothing; or until its time is over, and then says whether its command may still run. */
  async #repeat(
    { key, token }: Abandoned,
    arrival: Arrival,
    expiresAtMs: number,
    onAnswer: () => void,
  ): Promise<boolean | undefined> {
    let mayStillRun = true
    for (let attempt = 0; ; attempt++) {
      const room = this.#lane.enter(attempt)
      if (room) await room
      if (this.#isOver(expiresAtMs)) break
      mayStillRun = arrival.mayStillRun(this.#clock.now())
      const isAnswered = await this.#giveUp(key, token)
      if (isAnswered) {
        this.#lane.leave()
        onAnswer()
        // Not at the first "released": a client that sends commands again may have sent it twice.
        if (!mayStillRun) return undefined
      }
      await this.#pause(attempt, arrival)
      if (!isAnswered) this.#lane.leave()
    }
    this.#lane.leave()
    return mayStillRun
  }

  /** One place after the other: a long outage leaves many, and they must not be a storm. */
  async #leave(key: string, token: string): Promise<void> {
    if (this.#places >= PLACES_MAX) return
    this.#places++
    const leave = async () => {
      for (let attempt = 0; !this.#closed; attempt++) {
        if (await this.#giveUp(key, token)) break
        await this.#pause(attempt)
      }
      this.#places--
    }
    this.#lastPlace = this.#lastPlace.then(leave)
    await this.#lastPlace
  }

  /** Or closed, and so many tries in a row without an answer that there is nobody to ask. */
  #isOver(expiresAtMs: number): boolean {
    return this.#clock.now() >= expiresAtMs || (this.#closed && this.#failures >= UNDOS_AT_ONCE)
  }

  /** Whether there was an answer. */
  async #giveUp(key: string, token: string): Promise<boolean> {
    try {
      await this.#leases.giveUp({ key, token }).reply
      this.#failures = 0
      return true
    } catch {
      this.#failures++
      return false
    }
  }

  #pause(attempt: number, arrival?: Arrival): Promise<void> {
    return new Promise((resolve) => {
      const delayMs = backoffMs(attempt, BACKOFF, this.#random)
      const cancel = this.#clock.after(delayMs, resolve, { background: true })
      arrival?.onReply(() => {
        cancel()
        resolve()
      })
    })
  }
}

const nothing = () => {}

/** Whether a command without an answer can still take effect. */
class Arrival {
  #replied: boolean
  #wake = () => {}
  readonly #overAtMs: number

  constructor(sent: Sent<unknown> | undefined) {
    this.#replied = sent === undefined
    this.#overAtMs = sent?.overAtMs ?? 0
    Promise.resolve(sent?.outcome).then(
      () => {
        this.#replied = true
        this.#wake()
      },
      // A lost connection does not tell whether the server still reads what was written to it.
      nothing,
    )
  }

  mayStillRun(nowMs: number): boolean {
    return !this.#replied && nowMs <= this.#overAtMs
  }

  /** For a reply to come; the latest listener counts. */
  onReply(wake: () => void): void {
    if (!this.#replied) this.#wake = wake
  }
}
