import type { Clock, Random } from '@locks/core'
import type { Faults } from '../faults.ts'
import { LinkLimits } from '../net/link-limits.ts'
import type { EventTarget, SimEvent } from '../time/sim-event.ts'
import type { World } from '../time/world.ts'
import { clientClock } from './client-clock.ts'
import { clientRandom } from './client-random.ts'

/** How long a client is trusted to know the store's time after a reply that told it. */
const TIME_KNOWN_MS = 5000

/** One process: its clocks, its pauses and its end. */
export class SimClient implements EventTarget {
  readonly id: number
  readonly world: World
  readonly faults: Faults
  readonly clock: Clock
  readonly random: Random
  readonly limits: LinkLimits
  /** Of its monotonic clock, compared with the server's. */
  readonly rate: number
  wallOffsetMs = 0
  crashed = false
  /** Since when its locks are being closed. */
  closingSinceMs = Number.POSITIVE_INFINITY
  /** How many locks or loads it believes to hold. */
  believes = 0
  resumedAtMs = 0
  /** How often its push line has come back. */
  reconnects = 0
  /** Up to now or the end of a fault that still lasts, the link or the process is not in order. */
  troubledUntilMs = -1
  /** When a reply last told it the store's time. */
  toldTimeAtMs = Number.NEGATIVE_INFINITY
  /** Its open subscriptions. */
  readonly lines = new Set<{ drop(): void; crash(): void }>()
  #paused = false
  #pausedMs = 0
  #pausedSinceMs = 0
  #backlog: SimEvent[] = []

  constructor(world: World, id: number, faults: Faults, storeTimeoutMs: number) {
    const { dice } = world
    this.world = world
    this.id = id
    this.faults = faults
    this.rate = 1 + faults.drift * dice.between(-1, 1)
    if (faults.wallJumpsMax > 0) this.jumpWall()
    this.clock = clientClock(this)
    this.random = clientRandom(this)
    this.limits = new LinkLimits(this, storeTimeoutMs)
  }

  get paused(): boolean {
    return this.#paused
  }

  get closing(): boolean {
    return this.closingSinceMs <= this.world.nowMs
  }

  /** It executes code: neither paused nor crashed. */
  get running(): boolean {
    return !this.crashed && !this.paused
  }

  /** Real time spent paused, up to now. */
  get pausedMs(): number {
    return this.#pausedMs + (this.paused ? this.world.nowMs - this.#pausedSinceMs : 0)
  }

  get knowsStoreTime(): boolean {
    return this.world.nowMs - this.toldTimeAtMs < TIME_KNOWN_MS
  }

  admits(event: SimEvent): boolean {
    if (this.crashed) return false
    if (!this.#paused || event.what === 'resume') return true
    this.#backlog.push(event)
    return false
  }

  /** Something disturbs it from now until `untilMs`. */
  trouble(untilMs: number): void {
    if (untilMs > this.troubledUntilMs) this.troubledUntilMs = untilMs
  }

  jumpWall(): void {
    this.wallOffsetMs = this.world.dice.between(-60_000, 60_000)
  }

  crash(): void {
    this.crashed = true
    this.#backlog = []
    for (const line of this.lines) line.crash()
  }

  /** Nothing of it happens until the time is over; its clocks run on. */
  pause(durationMs: number): void {
    const { world } = this
    if (this.crashed || this.paused) return
    this.#paused = true
    this.#pausedSinceMs = world.nowMs
    this.trouble(world.nowMs + durationMs)
    world.in(durationMs, 'resume', () => this.#resume(), this)
  }

  /** The first thing after a stall is that overdue timers fire; what the network brought comes then. */
  #resume(): void {
    this.#paused = false
    this.#pausedMs += this.world.nowMs - this.#pausedSinceMs
    this.resumedAtMs = this.world.nowMs
    const backlog = this.#backlog
    this.#backlog = []
    const isTimer = (event: SimEvent) => event.what === 'timer'
    for (const event of [...backlog.filter(isTimer), ...backlog.filter((e) => !isTimer(e))]) {
      this.world.in(0, event.what, () => event.cancelled || event.run(), this)
    }
  }
}
