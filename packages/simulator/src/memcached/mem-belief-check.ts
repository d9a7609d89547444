import type { World } from '../time/world.ts'
import { leaseToken } from './lease-token.ts'
import type { MemServer } from './mem-server.ts'
import type { MemTenure } from './mem-tenure.ts'
import type { MemTokenCheck } from './mem-token-check.ts'

/**
 * P1, as on any store: who believes in a lock holds it, alone. After a restart or an eviction a holder may
 * believe for as long as its lease would have lasted.
 */
export class MemBeliefCheck {
  readonly #world: World
  readonly #server: MemServer
  readonly #tokens: MemTokenCheck
  readonly #live = new Set<MemTenure>()

  constructor(world: World, server: MemServer, tokens: MemTokenCheck) {
    this.#world = world
    this.#server = server
    this.#tokens = tokens
  }

  start(tenure: MemTenure): void {
    const { client, lock } = tenure
    if (!lock.held)
      this.#world.violate('P4', `c${client.id} is granted ${lock.token}, which is over`)
    this.#tokens.hold(lock.token)
    this.#live.add(tenure)
    client.believes++
  }

  watch(): void {
    const believed = new Map<string, MemTenure>()
    for (const tenure of this.#live) {
      const { client, lock, key } = tenure
      if (client.crashed) this.#end(tenure)
      else if (client.paused) continue
      else if (!lock.held) this.#ended(tenure)
      else if (!this.#isDropped(tenure)) {
        this.#believes(tenure, believed.get(key))
        believed.set(key, tenure)
      }
    }
  }

  #believes(tenure: MemTenure, other: MemTenure | undefined): void {
    const { key, lock } = tenure
    if (other) this.#violate(tenure, `and c${other.client.id} both believe in ${key}`)
    const holder = leaseToken(this.#server.find(key))
    if (holder !== lock.token) this.#violate(tenure, `believes in ${key}, which is ${holder}'s`)
  }

  /** The server has dropped the lease: its holder may not know yet. */
  #isDropped(tenure: MemTenure): boolean {
    const { lock, ttlMs, graceMs } = tenure
    const droppedAtMs = this.#tokens.droppedAtMs(lock.token)
    // Extends of its own may be for three times the ttl.
    const longestMs = Math.ceil((3 * ttlMs + graceMs) / 1000) * 1000
    if (this.#world.nowMs > droppedAtMs + longestMs) {
      this.#violate(tenure, `believes in ${lock.token} long after it was dropped`)
    }
    return this.#world.nowMs >= droppedAtMs
  }

  #ended(tenure: MemTenure): void {
    this.#end(tenure)
    const { lock } = tenure
    const { reason } = (lock.signal.reason ?? {}) as { readonly reason?: string }
    this.#tokens.end(lock.token, reason === 'closed')
    if (reason !== undefined && reason !== 'closed') this.#checkSteady(tenure)
  }

  #end(tenure: MemTenure): void {
    this.#live.delete(tenure)
    tenure.client.believes--
  }

  /** A renewed lock lasts, if nothing has disturbed its holder for long enough to renew it. */
  #checkSteady({ client, lock, ttlMs, graceMs, grantedAtMs, steady }: MemTenure): void {
    const { limits } = client
    const slackMs = 6 * limits.roundTripMs + 0.05 * graceMs
    const quietSinceMs = this.#world.nowMs - ttlMs / 5 - slackMs
    const isLong = ttlMs > 100 + 3 * slackMs && grantedAtMs < quietSinceMs
    const isDropped = this.#tokens.droppedAtMs(lock.token) <= this.#world.nowMs
    if (steady && isLong && !isDropped && limits.quietSince(quietSinceMs)) {
      this.#world.violate('renewal', `c${client.id} lost ${lock.token} while its link was healthy`)
    }
  }

  #violate({ client }: MemTenure, what: string): void {
    this.#world.violate('P1', `c${client.id} ${what}`)
  }
}
