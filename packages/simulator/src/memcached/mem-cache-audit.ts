import { CacheAudit } from '../cache/cache-audit.ts'
import type { CachePlan } from '../cache/cache-plan.ts'
import type { ObservedCommand, StoreOp } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import { MemCacheView } from './mem-cache-view.ts'
import type { MemServer } from './mem-server.ts'
import type { MemAudit } from './mem-stage.ts'
import type { MemStep } from './mem-step.ts'

/** To commands that have stored something. */
const REPLIES: Readonly<Partial<Record<StoreOp, unknown>>> = {
  lease: { state: 'won' },
  renew: true,
  commit: true,
  write: { state: 'written' },
  compareAndSet: { state: 'written' },
}

/**
 * The invariants of the cache where a command takes several of the server's: it counts as executed with the
 * one that decides.
 */
export class MemCacheAudit extends CacheAudit implements MemAudit {
  readonly #world: World
  readonly #mem: MemServer
  readonly #view: MemCacheView
  /** Elected and not voided yet, by key. */
  readonly #elected = new Map<string, string>()
  /** When the end of an election or load was first asked for, by token. */
  readonly #givenUpAtMs = new Map<string, number>()

  constructor(world: World, server: MemServer, tally: Tally, plan: CachePlan) {
    const view = new MemCacheView(world, server)
    super(world, view, tally, plan)
    this.#world = world
    this.#mem = server
    this.#view = view
  }

  override sent(command: ObservedCommand): void {
    super.sent(command)
    const { op, token } = command
    if (op !== 'fail' || this.#givenUpAtMs.has(token)) return
    this.#givenUpAtMs.set(token, this.#world.nowMs)
  }

  stepped(step: MemStep): void {
    const { command, verb, key, after } = step
    const isMain = key === command.key
    const stored = after !== undefined && after !== step.before
    if (stored) this.#planEnd(key)
    if (stored && command.op === 'lease') this.#checkWanted(step)
    if (command.op === 'read' && isMain)
      this.executed(command, [after && this.#view.entryIn(after)])
    else if (command.op === 'remove') {
      // One command may be about several keys, each of which goes in its own time.
      if (verb === 'delete' || !after) this.executed({ ...command, key }, 0)
    } else if (stored) this.#stored(command)
  }

  dropped(): void {}

  override watch(): void {
    // A load whose entry has ended, or was dropped, is elected no longer.
    for (const [key, token] of this.#elected) {
      if (this.#view.cache(key).lease?.holder === token) continue
      this.#elected.delete(key)
      this.lost(key)
    }
    super.watch()
  }

  /** What was sent before may run behind its end: a second copy, or a slow one. */
  #checkWanted({ command: { client, token }, sentAtMs }: MemStep): void {
    const givenUpAtMs = this.#givenUpAtMs.get(token) ?? Number.POSITIVE_INFINITY
    if (sentAtMs <= givenUpAtMs) return
    this.#world.violate('P7', `c${client.id} goes on to elect ${token}, which it has given up`)
  }

  /** What `command` is there for has been done. */
  #stored(command: ObservedCommand): void {
    const { op, key, token } = command
    const marks = op === 'lease' || op === 'renew'
    // Since it has looked, the entry of this load was replaced: then the mark is worth nothing.
    if (marks && this.#view.cache(key).lease?.holder !== token) return
    this.executed(command, REPLIES[op])
    if (op === 'lease') this.#elected.set(key, token)
  }

  /** Looks on at the instant at which it ends, not only at the next event. */
  #planEnd(key: string): void {
    const item = this.#mem.find(key)
    const endMs = item && this.#mem.endMs(item)
    if (endMs === undefined) return
    if (endMs === Number.POSITIVE_INFINITY) {
      this.#world.violate('P3', `${key} is kept without an end`)
    } else this.#world.at(endMs, 'item end', () => {})
  }
}
