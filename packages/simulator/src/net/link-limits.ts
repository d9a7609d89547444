import type { Faults } from '../faults.ts'

/** Rates of two clocks differ by at most this factor in the schedules. */
const DRIFT = 1.006
/** Longest pause of the background undo, and of a waiter between two tries, or after a failed one. */
const UNDO_PAUSE_MS = 1000
const POLL_PAUSE_MS = 500
const TROUBLE_PAUSE_MS = 2000
/** First pause of the undo. */
const UNDO_FIRST_MS = 50

/** What a client's link and process have been through. */
export interface LinkHistory {
  readonly world: { readonly nowMs: number }
  readonly faults: Faults
  readonly running: boolean
  readonly resumedAtMs: number
  readonly troubledUntilMs: number
  readonly closingSinceMs: number
}

/** By when a client must have done something, given what its link and its process have been through. */
export class LinkLimits {
  readonly #client: LinkHistory
  readonly #storeTimeoutMs: number

  constructor(client: LinkHistory, storeTimeoutMs: number) {
    this.#client = client
    this.#storeTimeoutMs = storeTimeoutMs
  }

  /** Everyday time there and back, timers included. */
  get roundTripMs(): number {
    const { latencyMs, timerLateMs } = this.#client.faults
    return 2 * latencyMs + timerLateMs + 1
  }

  /** Nothing has disturbed it since. */
  quietSince(atMs: number): boolean {
    return this.#client.troubledUntilMs < atMs && this.#client.running
  }

  /** The longest that a command can be waited for. */
  get callMs(): number {
    return this.#storeTimeoutMs * DRIFT + this.#client.faults.timerLateMs + 1
  }

  /** The longest that a call can take which may wait for `waitMs`; pauses not counted. */
  settlesWithinMs(waitMs: number): number {
    return waitMs * DRIFT + this.callMs + 3 * this.#client.faults.timerLateMs
  }

  /** A command sent then has its answer or has been given up. */
  answeredByMs(sentAtMs: number): number {
    const { resumedAtMs, faults } = this.#client
    return Math.max(sentAtMs + this.callMs, resumedAtMs + faults.timerLateMs + 1)
  }

  /**
   * What was given up then holds nothing any more. Never, while trouble lasts or it cannot act.
   * `givenUpAtMs`: not after the first try to take it back was sent. If the link is in order since before
   * that, one more try may be needed, for a command that ran behind the first, and the pause between them
   * is the shortest. Else any number of tries may have failed, and the pause is as long as it can get.
   */
  undoneByMs(givenUpAtMs: number): number {
    const { troubledUntilMs, world, closingSinceMs } = this.#client
    if (!this.#client.running || troubledUntilMs >= world.nowMs) return Number.POSITIVE_INFINITY
    if (troubledUntilMs < givenUpAtMs) {
      return givenUpAtMs + UNDO_FIRST_MS * DRIFT + 2 * this.roundTripMs
    }
    const fromMs = Math.max(troubledUntilMs, givenUpAtMs)
    const byMs = fromMs + (UNDO_PAUSE_MS + this.#storeTimeoutMs) * DRIFT + 2 * this.roundTripMs
    // A close waits for one store deadline, and what is not undone by then is left to its TTL.
    return byMs > closingSinceMs ? Number.POSITIVE_INFINITY : byMs
  }

  /** Who has asked since `askedAtMs` for something that is free since `freeSinceMs` has it then. */
  obtainedByMs(freeSinceMs: number, askedAtMs: number): number {
    const { troubledUntilMs, world } = this.#client
    if (!this.#client.running || troubledUntilMs >= world.nowMs) return Number.POSITIVE_INFINITY
    const fromMs = Math.max(troubledUntilMs, freeSinceMs, askedAtMs)
    const pauseMs = troubledUntilMs < askedAtMs ? POLL_PAUSE_MS : TROUBLE_PAUSE_MS
    return fromMs + pauseMs * DRIFT + 2 * this.roundTripMs + 10
  }
}
