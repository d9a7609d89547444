import type { CommitRequest, LoadLeaseReply, LoadLeaseRequest } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import { type CachePlan, EARLY_FRACTION } from './cache-plan.ts'
import type { CacheServer } from './cache-server.ts'
import { originIn, startIn } from './origin.ts'
import type { Origins } from './origins.ts'
import type { TagCheck } from './tag-check.ts'

interface Term {
  readonly token: string
  readonly command: ObservedCommand
  readonly sinceMs: number
  untilMs: number
}

/**
 * P7 at the store: one load at a time is elected, and none while there is a value that the caller has
 * not seen or that is still fresh; a lease stands while its load runs, and ends with it; an election
 * whose winner has not heard of it is given up.
 */
export class ElectionCheck {
  readonly #world: World
  readonly #server: CacheServer
  readonly #origins: Origins
  readonly #tags: TagCheck
  readonly #storeTimeoutMs: number
  /** Since when the oldest call of a key has been under way in a process. */
  readonly #underWaySinceMs: (client: SimClient, key: string) => number
  /** So long before their end values may be loaded anew. */
  readonly #earlyMs: number
  /** The lease of each key as the commands up to now make it. */
  readonly #terms = new Map<string, Term>()
  /** Elections that have been answered, or that their process has asked to end. */
  readonly #settled = new Set<string>()

  constructor(
    world: World,
    server: CacheServer,
    origins: Origins,
    tags: TagCheck,
    plan: CachePlan,
    underWaySinceMs: (client: SimClient, key: string) => number,
  ) {
    this.#underWaySinceMs = underWaySinceMs
    this.#world = world
    this.#server = server
    this.#origins = origins
    this.#tags = tags
    this.#storeTimeoutMs = plan.storeTimeoutMs
    this.#earlyMs = plan.early > 0 ? EARLY_FRACTION * plan.ttlMs[1] : 0
  }

  sent({ op, token }: ObservedCommand): void {
    if (op === 'fail') this.#settled.add(token)
  }

  answered({ op, token }: ObservedCommand, reply: unknown): void {
    if (op === 'lease' && reply !== undefined) this.#settled.add(token)
  }

  executed(command: ObservedCommand, reply: unknown): void {
    const { op, key, token } = command
    const term = this.#terms.get(key)
    const mine = term?.token === token
    if (op === 'lease') this.#asked(command, reply as LoadLeaseReply)
    else if (op === 'renew' && reply === true) this.#renewed(command)
    else if (op === 'commit' && reply === true) this.#committed(command)
    else if (op === 'fail' && mine) this.#terms.delete(key)
    else if (op === 'write' || op === 'compareAndSet') {
      if ((reply as { state: string }).state === 'written') this.#terms.delete(key)
    } else if (op === 'remove') this.#terms.delete(key)
  }

  /** What is stored says, by the store's clock, when its load began. */
  #committed({ key, timed, client, request }: ObservedCommand): void {
    this.#terms.delete(key)
    const { data } = request as CommitRequest
    const origin = this.#origins.get(originIn(data))
    if (!timed || !origin || origin.garbage) return
    const offMs = startIn(data) - EPOCH_MS - origin.startedAtMs
    // The versions of its tags are asked for before it; drift, and how exactly a client knows the time.
    const slackMs = 3 * this.#storeTimeoutMs + 50 + client.pausedMs
    if (Math.abs(offMs) > slackMs) {
      this.#world.violate(
        'dated',
        `load ${origin.id} of ${key} is dated ${offMs} ms after its start`,
      )
    }
  }

  /** A lease is over soon after its load, while nothing disturbs the loading process. */
  watch(): void {
    const { nowMs } = this.#world
    for (const [key, term] of this.#terms) {
      const { token, sinceMs, untilMs } = term
      if (untilMs <= nowMs || this.#server.cache(key).lease?.holder !== token) continue
      const load = this.#origins.byToken(token)
      if (!load) {
        this.#checkGivenUp(key, term)
        continue
      }
      // An election that comes late, where that cannot be refused: nobody is there to end it.
      if (!this.#server.refusesLate && sinceMs > load.endedAtMs) continue
      const { limits } = load.client
      const dueMs = load.endedAtMs + 2 * this.#server.roundTrips * limits.roundTripMs + 10
      if (nowMs > dueMs && limits.quietSince(load.endedAtMs)) {
        this.#world.violate('P7', `load ${load.id} has ended, and keeps its lease on ${key}`)
      }
    }
  }

  /** Its winner has heard nothing until its deadline, and must have asked for its end. */
  #checkGivenUp(key: string, { token, command: { client, sentAtMs } }: Term): void {
    if (this.#settled.has(token) || client.closing) return
    const { limits } = client
    // What was wrong with the election itself is over by then. A breaker that has opened since, so that the
    // end is not asked for, opened after the sending, and stays so for longer than that.
    const overMs = sentAtMs + 1.01 * limits.callMs
    // What it has failed to remove is removed before; and it may have been paused meanwhile.
    const dueMs = Math.max(limits.answeredByMs(sentAtMs), overMs) + 3 * limits.roundTripMs
    if (this.#world.nowMs > dueMs && limits.quietSince(overMs)) {
      this.#world.violate('P7', `${token} is not given up by c${client.id}, and has ${key}`)
    }
  }

  /** The lease of a load is gone; before its time, with what it was bound to. */
  lost(key: string): void {
    const { untilMs = 0 } = this.#terms.get(key) ?? {}
    if (untilMs > this.#world.nowMs) this.#terms.delete(key)
  }

  #renewed(command: ObservedCommand): void {
    const { key, token } = command
    const holder = this.#server.cache(key).lease?.holder
    if (holder === token) this.#setTerm(command)
    else
      this.#world.violate('P7', `${token} renews the lease on ${key}, which is that of ${holder}`)
  }

  #asked(command: ObservedCommand, reply: LoadLeaseReply): void {
    if (reply.state !== 'won') return
    const { key, token } = command
    const term = this.#terms.get(key)
    if (term && term.token !== token) this.#checkSuccession(key, token, term)
    this.#checkNeed(command)
    this.#setTerm(command)
  }

  #checkSuccession(key: string, token: string, term: Term): void {
    const { nowMs } = this.#world
    if (term.untilMs > nowMs) {
      this.#world.violate('P7', `${token} is elected for ${key}, while ${term.token} loads`)
    }
    const load = this.#origins.byToken(term.token)
    if (!load || load.endedAtMs < term.untilMs) return
    if (load.client.limits.quietSince(load.startedAtMs)) {
      this.#world.violate('P7', `load ${load.id} lost its lease on ${key} on a healthy link`)
    }
  }

  #checkNeed({ client, key, token, timed, request, sentAtMs }: ObservedCommand): void {
    const { entry } = this.#server.cache(key)
    if (!entry || entry.untilMs <= this.#server.nowMs) return
    if (entry.version !== (request as LoadLeaseRequest).seen) {
      this.#world.violate('P7', `${token} is elected for ${key} without a look at ${entry.version}`)
    }
    const origin = this.#origins.get(originIn(entry.data))
    // Who could not ask for the tags of a value has none, and looks at it once, before it waits for others.
    const lookedAtMs = Math.min(sentAtMs, this.#underWaySinceMs(client, key))
    const couldAsk = client.limits.quietSince(lookedAtMs - 3 * this.#storeTimeoutMs)
    if (!origin || origin.garbage || !couldAsk || this.#tags.mayBeOver(origin)) return
    const leftMs = origin.softEndMs - this.#world.nowMs
    // A client knows the store's time as exactly as the slowest answer in time is quick.
    if (timed && leftMs > this.#storeTimeoutMs + 50 + this.#earlyMs) {
      this.#world.violate('P7', `${token} is elected for ${key}, which is fresh for ${leftMs} ms`)
    }
  }

  #setTerm(command: ObservedCommand): void {
    const { key, token } = command
    const { lease } = this.#server.cache(key)
    if (!lease) return
    const untilMs = lease.untilMs - EPOCH_MS
    this.#terms.set(key, { token, command, sinceMs: this.#world.nowMs, untilMs })
  }
}
