import type { Lock, LocksError } from '@locks/core'
import type { Call } from '../locks/call-check.ts'
import { type Asked, type Asking, LockAudit } from '../locks/lock-audit.ts'
import type { Tenure } from '../locks/tenure.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import { BlockCheck } from './block-check.ts'
import type { CohortPlan } from './cohort-plan.ts'

const TURNS_MS_MAX = 50
/** Clocks, and the whole milliseconds of what is told. */
const RATE = 1.006
const ROUNDING_MS = 2

interface Cohort {
  /** Of the first holder, when the store had granted it. */
  readonly grantedAtMs: number
  readonly remainingMs: number
  last: Tenure
}

/**
 * The invariants of locks, for leases that have several holders in turn; and what is only about those:
 * the bounds of a cohort, one holder at a time, a fence for each, no lease passed on that may end before
 * its next renewal, nothing for who has given up, and nothing left to a handle whose turn is over.
 */
export class CohortAudit extends LockAudit {
  readonly #world: World
  readonly #tally: Tally
  readonly #plan: CohortPlan
  readonly #blocks: BlockCheck
  /** By token. */
  readonly #cohorts = new Map<string, Cohort>()
  /** The handle that is used after its end. */
  #released: Lock | undefined

  constructor(world: World, server: SimServer, tally: Tally, plan: CohortPlan) {
    super(world, server, tally, plan.storeTimeoutMs, { queue: true, handsOn: true })
    this.#world = world
    this.#tally = tally
    this.#plan = plan
    this.#blocks = new BlockCheck((message) => this.#fail(message))
  }

  override sent(command: ObservedCommand): void {
    super.sent(command)
    this.#blocks.sent(command)
    if (this.#released) this.#fail(`${this.#released.token} was released, and sends ${command.op}`)
  }

  override call(asked: Asked): Call {
    this.#blocks.asked(asked)
    return super.call(asked)
  }

  override refused(call: Call, error: LocksError): void {
    this.#blocks.refused(call)
    super.refused(call, error)
  }

  override granted(call: Call, lock: Lock, options: Asking): Tenure {
    if (call.interrupted) this.#fail(`c${call.client.id} gets ${call.key}, and has given up`)
    this.#blocks.granted(call, lock.token)
    const cohort = this.#cohorts.get(lock.token)
    if (!cohort) {
      const tenure = super.granted(call, lock, options)
      const { grantedAtMs } = tenure
      const remainingMs = lock.remaining
      this.#cohorts.set(lock.token, { grantedAtMs, remainingMs, last: tenure })
      return tenure
    }
    this.#checkTurn(cohort, call, lock, options)
    // What its holders before have done to the lease is not its own doing.
    const steady = options.steady && cohort.last.steady
    const tenure = super.granted(call, lock, { ...options, steady, touched: true })
    cohort.last = tenure
    return tenure
  }

  override watch(): void {
    super.watch()
    this.#blocks.watch()
  }

  /** Whether it was lost by a later holder is not asked. */
  override completed(tenure: Tenure): void {
    if (this.#cohorts.get(tenure.lock.token)?.last === tenure) super.completed(tenure)
  }

  /** A released handle is good for nothing, and asks nobody. */
  async useReleased(lock: Lock): Promise<void> {
    this.#tally.add('uses after release')
    this.#released = lock
    const answers = [lock.verify(), lock.extend(), lock.release()]
    this.#released = undefined
    if (lock.held || lock.remaining > 0) this.#fail(`${lock.token} was released, and is held`)
    for (const answer of answers) {
      if (await answer) this.#fail(`${lock.token} was released, and can still be used`)
    }
  }

  #checkTurn(cohort: Cohort, call: Call, lock: Lock, { ttlMs, graceMs, renew }: Asking): void {
    const { last, grantedAtMs } = cohort
    const { token } = lock
    this.#tally.add('passed on')
    const tookMs = this.#world.nowMs - grantedAtMs
    if (tookMs > TURNS_MS_MAX * RATE) this.#fail(`${token} is passed on after ${tookMs} ms`)
    if (lock.signal === last.lock.signal) this.#fail(`two holders of ${token} share a signal`)
    if (last.lock.held) this.#fail(`${token} is passed on to c${call.client.id}, and kept`)
    if (last.ttlMs !== ttlMs || last.graceMs !== graceMs || last.renew !== renew) {
      this.#fail(`${token} is passed on to who asked for other terms`)
    }
    const neededMs = Math.min(ttlMs, cohort.remainingMs) / 3 - ROUNDING_MS
    if (lock.remaining < neededMs) {
      this.#world.violate('P4', `${token} is passed on with ${lock.remaining} ms left`)
    }
    if (!this.#plan.fenceBlocks || !((lock.fence ?? 0) > (last.lock.fence ?? 0))) {
      this.#world.violate('P6', `${token} is passed on with ${lock.fence} after ${last.lock.fence}`)
    }
  }

  #fail(message: string): void {
    this.#world.violate('cohort', message)
  }
}
