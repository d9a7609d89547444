import { backoffMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { LeaseClient, Sent } from './lease-client.ts'

const BACKOFF = { firstMs: 50, maxMs: 1000 }

/** So many places are remembered beyond their ttl; one more is given back when it is granted. */
const PLACES_MAX = 1000

interface Abandoned {
  readonly key: string
  readonly token: string
  readonly ttlMs: number
  /** It may have a place in the queue, which no ttl ends. */
  readonly queued?: boolean
}

/**
 * Takes back what may have been granted to nobody: an acquire without an answer, a release without one.
 * Repeats the release, or the leave where the store has a queue, in the background until the store
 * confirms that the token holds nothing and can hold nothing later, or its TTL has passed; of a place in
 * the queue, until the store answers. Never keeps the process alive.
 */
export class Undo {
  readonly #leases: LeaseClient
  readonly #clock: Clock
  readonly #random: Random
  readonly #unanswered = new Set<Promise<void>>()
  #places = 0
  #lastPlace: Promise<void> = Promise.resolve()
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

  /** No place is asked about any longer. */
  close(): void {
    this.#closed = true
  }

  async #run(
    { key, token, ttlMs, queued = false }: Abandoned,
    sent: Sent<unknown> | undefined,
    onAnswer: () => void,
  ): Promise<void> {
    const arrival = new Arrival(sent)
    const nowMs = this.#clock.now()
    const longestMs = this.#leases.longestMs(ttlMs)
    const expiresAtMs = longestMs + (sent && sent.overAtMs < Infinity ? sent.overAtMs : nowMs)
    let mayStillRun = true
    for (let attempt = 0; this.#clock.now() < expiresAtMs; attempt++) {
      mayStillRun = arrival.mayStillRun(this.#clock.now())
      const state = await this.#giveUp(key, token)
      if (state !== undefined) onAnswer()
      // Not at the first "released": a client that sends commands again may have sent it twice.
      if (state !== undefined && !mayStillRun) return
      await this.#pause(attempt, arrival)
    }
    // Where no clock bounds a command it may run even later. Then its answer tells.
    if (mayStillRun && sent) {
      const again = () => this.start({ key, token, ttlMs, queued })
      Promise.resolve(sent.outcome).then(again, nothing)
    }
    // The lease is over; the place is not.
    if (queued) await this.#leave(key, token)
    onAnswer()
  }

  /** One place after the other: a long outage leaves many, and they must not be a storm. */
  async #leave(key: string, token: string): Promise<void> {
    if (this.#places >= PLACES_MAX) return
    this.#places++
    const leave = async () => {
      for (let attempt = 0; !this.#closed; attempt++) {
        if ((await this.#giveUp(key, token)) !== undefined) break
        await this.#pause(attempt)
      }
      this.#places--
    }
    this.#lastPlace = this.#lastPlace.then(leave)
    await this.#lastPlace
  }

  async #giveUp(key: string, token: string): Promise<string | undefined> {
    try {
      return (await this.#leases.giveUp({ key, token }).reply).state
    } catch {
      return undefined
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
