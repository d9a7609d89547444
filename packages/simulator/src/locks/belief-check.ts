import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { World } from '../time/world.ts'
import { MaxHoldCheck } from './max-hold-check.ts'
import type { Tenure } from './tenure.ts'
import type { TheftCheck } from './theft-check.ts'
import type { TokenLedger } from './token-ledger.ts'

/**
 * P1: who believes in a lock holds it in the store, with time left, and all who believe in one name take
 * no more of it than there is. Judged by each holder's own clock after every event, and at the very instant at which a lease ends in the store. A paused holder
 * executes nothing and believes nothing; it is asked first thing when it resumes.
 */
export class BeliefCheck {
  readonly #world: World
  readonly #server: SimServer
  readonly #ledger: TokenLedger
  readonly #maxHolds: MaxHoldCheck
  readonly #thefts: TheftCheck
  readonly #live = new Set<Tenure>()
  /** When a live tenure's lease ends in the store, or has ended; real time. */
  readonly #ends = new Map<Tenure, number>()

  constructor(world: World, server: SimServer, ledger: TokenLedger, thefts: TheftCheck) {
    this.#thefts = thefts
    this.#world = world
    this.#server = server
    this.#ledger = ledger
    this.#maxHolds = new MaxHoldCheck(world)
  }

  start(tenure: Tenure): void {
    this.#thefts.began(tenure, this.#live)
    for (const before of this.#live) if (before.lock.token === tenure.lock.token) this.#pass(before)
    this.#live.add(tenure)
    tenure.client.believes++
  }

  /** Its lease goes on, with its next holder. */
  #pass(tenure: Tenure): void {
    this.#live.delete(tenure)
    this.#ends.delete(tenure)
    tenure.client.believes--
  }

  isBelieved(token: string): boolean {
    for (const { lock } of this.#live) if (lock.token === token) return true
    return false
  }

  /** Somebody in `client` believes in `key`. */
  believes(client: SimClient, key: string): boolean {
    for (const tenure of this.#live) if (tenure.client === client && tenure.key === key) return true
    return false
  }

  watch(): void {
    const believed = new Map<string, Tenure[]>()
    for (const tenure of this.#live) {
      if (tenure.client.crashed) this.#end(tenure, 'crashed')
      else if (tenure.client.paused) continue
      else if (tenure.trusts === 'signal') this.#watchSignal(tenure)
      else this.#watchHeld(tenure, believed)
    }
  }

  #watchHeld(tenure: Tenure, believed: Map<string, Tenure[]>): void {
    const { lock, key, client } = tenure
    if (!lock.held) {
      this.#end(tenure, 'lost')
      return
    }
    this.#maxHolds.held(tenure)
    this.#thefts.believed(tenure)
    // It may, and only its fence says that another does.
    if (this.#thefts.endMs(lock.token) !== undefined) return
    const others = believed.get(key) ?? []
    believed.set(key, others)
    if (!fits(tenure, others)) {
      const [other = tenure] = others
      const both = `c${other.client.id} (${other.lock.token}) and c${client.id} (${lock.token})`
      this.#world.violate('P1', `${both} both believe in ${key}`)
    }
    others.push(tenure)
    if (this.#server.leaseEndMs(key, lock.token) === undefined) {
      this.#world.violate('P1', `c${client.id} believes in ${key}, and ${lock.token} holds nothing`)
    }
  }

  /** A signal is armed by a timer, so it may be as late as one. */
  #watchSignal(tenure: Tenure): void {
    const { lock, key, client } = tenure
    if (lock.signal.aborted) {
      this.#end(tenure, 'lost')
      return
    }
    if (this.#ledger.isGivenUp(lock.token)) {
      this.#end(tenure, 'released')
      return
    }
    const { nowMs } = this.#world
    this.#thefts.believed(tenure)
    const endMs = this.#server.leaseEndMs(key, lock.token) ?? this.#thefts.endMs(lock.token)
    const endedAtMs = endMs ?? Math.min(nowMs, this.#ends.get(tenure) ?? nowMs)
    this.#ends.set(tenure, endedAtMs)
    const dueMs = Math.max(endedAtMs, client.resumedAtMs) + client.faults.timerLateMs + 1
    if (endMs === undefined && nowMs > dueMs) {
      this.#world.violate('P1', `c${client.id} is not told that ${lock.token} lost ${key}`)
    }
  }

  #end(tenure: Tenure, why: string): void {
    const { lock, client } = tenure
    this.#live.delete(tenure)
    this.#ends.delete(tenure)
    client.believes--
    const { reason } = (lock.signal.reason ?? {}) as { readonly reason?: string }
    const givenBack = reason === 'closed' || reason === 'max-hold'
    const ended = this.#ledger.giveUp(lock.token, givenBack ? reason : why)
    if (reason === 'max-hold') this.#maxHolds.ended(tenure)
    if (!ended || why !== 'lost' || givenBack || client.closing) return
    if (this.#thefts.isDeposed(lock.token)) return
    this.#checkSteady(tenure)
    this.#checkTerm(tenure)
  }

  /** Who has closed its locks holds none. */
  checkClosed(client: SimClient): void {
    for (const { client: holder, lock } of this.#live) {
      if (holder === client && lock.held) {
        this.#world.violate(
          'close',
          `c${client.id} holds ${lock.token} after its locks were closed`,
        )
      }
    }
  }

  /** A lock that is only held lasts for its ttl, less what may be lost on the way. */
  #checkTerm({ client, lock, ttlMs, graceMs, grantedAtMs, touched }: Tenure): void {
    const { limits } = client
    // A pushed grant may be a quarter of its term old, and a long wait blurs how old.
    const leaseMs = ttlMs + graceMs
    const oldMs = Math.min(leaseMs, 5000) / 4 + 0.02 * leaseMs + 200
    const shortestMs = ttlMs - oldMs - 3 * limits.roundTripMs
    const heldMs = this.#world.nowMs - grantedAtMs
    if (!touched && heldMs < shortestMs && limits.quietSince(grantedAtMs)) {
      this.#world.violate(
        'renewal',
        `c${client.id} lost ${lock.token} ${heldMs} ms after its grant`,
      )
    }
  }

  /** A renewed lock lasts, if nothing has disturbed its holder for long enough to renew it. */
  #checkSteady(tenure: Tenure): void {
    const { client, lock, ttlMs, graceMs, grantedAtMs, steady } = tenure
    const { limits } = client
    const slackMs = 2 * limits.roundTripMs + 0.05 * graceMs
    // Renewals are a third of the ttl apart, and a failed one is repeated after a sixth at most.
    const quietMs = ttlMs / 5 + slackMs
    const quietSinceMs = this.#world.nowMs - quietMs
    if (!steady || ttlMs < 100 + 2 * slackMs || grantedAtMs > quietSinceMs) return
    if (limits.quietSince(quietSinceMs)) {
      this.#world.violate('renewal', `c${client.id} lost ${lock.token} while its link was healthy`)
    }
  }
}

/** Whether `tenure` may be believed in beside `others`. */
function fits({ share }: Tenure, others: readonly Tenure[]): boolean {
  let free = share.capacity - share.units
  for (const other of others) {
    if (other.share.capacity !== share.capacity) return false
    free -= other.share.units
  }
  return free >= 0
}
