import type { LeaseFacts } from '../contract/lease-store.ts'
import type { Interrupt } from '../interrupt.ts'
import { LinkedSet } from '../linked-set.ts'
import { acquireWithin, whyNot } from './acquire.ts'
import type { Wanted } from './attempt.ts'
import { CohortWaiter, type News } from './cohort-waiter.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import type { Lease } from './lease.ts'

/** So many are counted, and so long their turns begin: others wait in the store's queue. */
const CALLERS_MAX = 64
const TURNS_MS_MAX = 50

/**
 * So many turns for each, once a lease did not suffice for those who wait: they ask faster than the store
 * serves. Whoever waits elsewhere waits no more than so many times as long as the mean.
 */
const ROUNDS = 3

/** A lease whose holder in this process has passed it on. */
export interface PassedOn {
  readonly lease: Lease
}

/**
 * The callers of one process that want one name with `fair: 'process'`. The first asks the store, like
 * anybody; from then on a release passes the lease on to the next here, in the same turn and without a
 * command, until as many have had it as waited when the store was asked. Then it goes back to the
 * store, and the next one asks: whoever waits elsewhere comes first. If there was one who waited in vain,
 * it asks for more turns than wait here, for those who come again meanwhile.
 *
 * The lease stays one: one token, one deadline, one renewal. A loss ends it for all, and so do a
 * hand-over and a cool-down: who waits then asks the store.
 */
export class Cohort {
  readonly #engine: Engine
  readonly #facts: LeaseFacts
  readonly #onIdle: () => void
  /** Oldest first. */
  readonly #line = new LinkedSet<CohortWaiter>()
  /** Somebody here asks the store, or holds what it has granted. */
  #led = false
  #lease: Lease | undefined
  #turnsLeft = 0
  #rounds = 1
  #turnsUntilMs = 0
  /** With less of the lease left, its next renewal might be too late. */
  #remainingMsMin = 0

  constructor(engine: Engine, facts: LeaseFacts, onIdle: () => void) {
    this.#engine = engine
    this.#facts = facts
    this.#onIdle = onIdle
  }

  /** @throws as `acquireWithin`. */
  acquire(wanted: Wanted, interrupt: Interrupt): Promise<Grant | PassedOn> {
    const startedAtMs = this.#engine.clock.now()
    if (!this.#led) return this.#lead(wanted, startedAtMs, interrupt)
    return new Promise((resolve, reject) => {
      interrupt.throwIfTripped()
      wanted.onSelfWait?.()
      const hear = (news: News) => {
        if (news === 'lead') resolve(this.#lead(wanted, startedAtMs, interrupt))
        else if (news === 'over') resolve(this.#lastTry(wanted, startedAtMs, interrupt))
        else resolve(news)
      }
      const { clock } = this.#engine
      this.#line.add(new CohortWaiter(this.#line, { wanted, interrupt, clock, hear, reject }))
    })
  }

  /** The store has granted what one of these asked for. */
  began(lease: Lease): void {
    const { ttlMs, validUntilMs, maxHoldMs, fences } = lease.grant
    const nowMs = this.#engine.clock.now()
    this.#lease = lease
    this.#turnsLeft = maxHoldMs === undefined ? fences - 1 : 0
    this.#turnsUntilMs = nowMs + TURNS_MS_MAX
    this.#remainingMsMin = Math.min(ttlMs, validUntilMs - nowMs) / 3
  }

  /** Whether the next one here has it now, from a holder that releases it. */
  handOn(lease: Lease): boolean {
    const next = this.#line.first
    if (!next || this.#turnsLeft === 0) return false
    if (this.#engine.clock.now() >= this.#turnsUntilMs) return false
    if (lease.remaining < this.#remainingMsMin || !suits(lease.grant, next.wanted)) return false
    this.#turnsLeft--
    lease.nextTurn()
    next.hear({ lease })
    return true
  }

  /** The lease is given back, lost or handed over: who waits asks the store. */
  ended(lease: Lease): void {
    if (lease !== this.#lease) return
    this.#lease = undefined
    const isUsedUp = this.#turnsLeft === 0 && lease.grant.maxHoldMs === undefined
    this.#rounds = isUsedUp ? ROUNDS : 1
    this.#next()
  }

  async #lead(wanted: Wanted, startedAtMs: number, interrupt: Interrupt): Promise<Grant> {
    this.#led = true
    try {
      // Who asks in the same turn is counted.
      await Promise.resolve()
      const turns = { ...wanted, fences: this.#turns() }
      const grant = await acquireWithin(this.#engine, turns, interrupt, startedAtMs)
      return { ...grant, cohort: this }
    } catch (error) {
      this.#next()
      throw error
    }
  }

  /** How many here may have the next lease. Each of them needs a fence, where there are fences. */
  #turns(): number {
    const { fencing, fenceBlocks } = this.#facts
    const callers = Math.min(1 + this.#line.size, CALLERS_MAX)
    return fencing && !fenceBlocks ? 1 : callers * this.#rounds
  }

  /** Its time is over, and it has not asked the store for itself. */
  async #lastTry(wanted: Wanted, startedAtMs: number, interrupt: Interrupt): Promise<Grant> {
    const { clock } = this.#engine
    if (!this.#lease?.held) return acquireWithin(this.#engine, wanted, interrupt, startedAtMs)
    throw whyNot(wanted, { remainingMs: this.#lease.remaining }, clock.now() - startedAtMs)
  }

  #next(): void {
    const next = this.#line.first
    this.#led = next !== undefined
    if (next) next.hear('lead')
    else this.#onIdle()
  }
}

/** A lease on these terms is what `wanted` asks for. */
function suits(terms: Wanted, wanted: Wanted): boolean {
  return (
    wanted.ttlMs === terms.ttlMs &&
    wanted.graceMs === terms.graceMs &&
    wanted.renew === terms.renew &&
    wanted.capacity === terms.capacity &&
    wanted.maxHoldMs === undefined
  )
}
