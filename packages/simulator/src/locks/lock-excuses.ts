import type { AcquireRequest, ExtendRequest } from '@locks/core'
import type { Holes } from '../known-holes.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'

interface History {
  /** Until when, about, its holder believes in it by the last answer. */
  believedMs: number
  lastSentAtMs: number
  /** The server has released it once. */
  released: boolean
}

/** The tokens whose lease has gone through a known hole: what becomes of it is no new find. */
export class LockExcuses {
  readonly #world: World
  readonly #storeTimeoutMs: number
  readonly #holes: Holes
  readonly #histories = new Map<string, History>()
  readonly #excused = new Set<string>()
  /** Extends that made their lease longer when they were sent. */
  readonly #lengthening = new Set<ObservedCommand>()
  readonly #failed = new Set<ObservedCommand>()

  constructor(world: World, storeTimeoutMs: number, holes: Holes) {
    this.#world = world
    this.#storeTimeoutMs = storeTimeoutMs
    this.#holes = holes
  }

  has(token: string): boolean {
    return this.#excused.has(token)
  }

  sent(command: ObservedCommand): void {
    const { op, token, sentAtMs, request } = command
    if (op === 'acquire') {
      const believedMs = sentAtMs + 0.99 * (request as AcquireRequest).ttlMs
      this.#histories.set(token, { believedMs, lastSentAtMs: sentAtMs, released: false })
    }
    const history = this.#histories.get(token)
    if (op !== 'extend' || !history) return
    history.lastSentAtMs = sentAtMs
    const { ttlMs } = request as ExtendRequest
    if (sentAtMs + 0.99 * ttlMs >= history.believedMs - 2) this.#lengthening.add(command)
  }

  executed(command: ObservedCommand, reply: unknown): void {
    const { op, token } = command
    const history = this.#histories.get(token)
    if (!history) return
    const { state } = reply as { readonly state?: string }
    if (op === 'release' && state === 'released') history.released = true
    const again = op === 'acquire' && state === 'granted' && history.released
    if (again && this.#holes.grantAfterUndo) this.#excused.add(token)
    if (this.#holes.extendOvertaken && this.#overtakes(command, history)) this.#excused.add(token)
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const { op, token, sentAtMs, request } = command
    const { state } = (reply ?? {}) as { readonly state?: string }
    if (op === 'acquire' && state === 'late' && this.#holes.lateAfterGrant) {
      this.#excused.add(token)
    }
    const history = this.#histories.get(token)
    if (op !== 'extend' || !history) return
    if (reply === undefined) this.#failed.add(command)
    else history.believedMs = sentAtMs + 0.99 * (request as ExtendRequest).ttlMs
  }

  /** Given up as a failure, it is executed after a later extend. */
  #overtakes(command: ObservedCommand, { lastSentAtMs }: History): boolean {
    const { sentAtMs } = command
    const overdue = this.#world.nowMs > sentAtMs + 0.99 * this.#storeTimeoutMs
    const failed = this.#failed.has(command) || overdue
    return failed && sentAtMs < lastSentAtMs && this.#lengthening.has(command)
  }
}
