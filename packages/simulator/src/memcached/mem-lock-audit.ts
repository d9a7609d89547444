import type { AcquireReply, Lock } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import { type Call, CallCheck } from '../locks/call-check.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import { MemBeliefCheck } from './mem-belief-check.ts'
import type { MemItem } from './mem-item.ts'
import type { MemServer } from './mem-server.ts'
import type { MemAudit } from './mem-stage.ts'
import type { MemStep } from './mem-step.ts'
import type { MemTenure } from './mem-tenure.ts'
import { MemTokenCheck } from './mem-token-check.ts'

const SHARE = { name: 'exclusive', units: 1, capacity: 1, options: {} } as const

/** All invariants of locks on memcached. The workload tells it what callers do; it sees the server itself. */
export class MemLockAudit implements MemAudit {
  readonly #world: World
  readonly #server: MemServer
  readonly #tally: Tally
  readonly #calls: CallCheck
  readonly #tokens: MemTokenCheck
  readonly #beliefs: MemBeliefCheck

  constructor(world: World, server: MemServer, tally: Tally, storeTimeoutMs: number) {
    this.#world = world
    this.#server = server
    this.#tally = tally
    const leases = { leases: leasesOf(server) }
    this.#calls = new CallCheck(world, leases, storeTimeoutMs, { queue: false })
    this.#tokens = new MemTokenCheck(world, server)
    this.#beliefs = new MemBeliefCheck(world, server, this.#tokens)
  }

  sent(command: ObservedCommand): void {
    this.#tokens.sent(command)
    this.#calls.sent(command)
  }

  /** No command of a lease store is executed in one. */
  executed(): void {}

  stepped(step: MemStep): void {
    this.#tokens.stepped(step)
    const { key, before, after } = step
    if (!after || after === before) return
    const endMs = this.#server.endMs(after)
    if (endMs === Number.POSITIVE_INFINITY) {
      this.#world.violate('P3', `${key} is kept without an end`)
    } else this.#world.at(endMs, 'item end', () => {})
  }

  dropped(_key: string, item: MemItem): void {
    this.#tokens.dropped(item)
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const { state = 'ambiguous' } = (reply ?? {}) as Partial<AcquireReply>
    this.#tally.add(`memcached ${command.op}`, state)
    this.#tokens.answered(command)
    this.#calls.answered(command, reply)
  }

  call(client: SimClient, key: string, waitMs: number): Call {
    const call: Call = {
      client,
      key,
      waitMs,
      share: SHARE,
      startedAtMs: this.#world.nowMs,
      pausedMs: client.pausedMs,
      fenceFloor: 0,
      interrupted: client.closing,
    }
    this.#calls.start(call)
    return call
  }

  granted(
    call: Call,
    lock: Lock,
    asked: Pick<MemTenure, 'ttlMs' | 'graceMs' | 'steady'>,
  ): MemTenure {
    this.#tally.add('memcached grants')
    this.#calls.granted(call, lock)
    const { client, key } = call
    const tenure = { ...asked, client, key, lock, grantedAtMs: this.#world.nowMs }
    this.#beliefs.start(tenure)
    return tenure
  }

  /** `null` from a single try, or an error. */
  refused(call: Call, error: { readonly name?: string; readonly code?: string } | null): void {
    this.#calls.settle(call)
    this.#tally.add('memcached refused', error ? `${error.name}` : 'busy')
    if (error?.code === 'STORE_UNAVAILABLE') this.#calls.failed(call)
    else if (error && error.code !== 'LOCK_TIMEOUT' && !call.interrupted) {
      this.#world.violate('error', `c${call.client.id}: ${error}`)
    }
  }

  /** The locks of `client` have begun to close. */
  closing(client: SimClient): void {
    client.closingSinceMs = this.#world.nowMs
    this.#calls.interrupt(client)
  }

  watch(): void {
    this.#beliefs.watch()
    this.#tokens.watch()
    this.#calls.watch()
  }

  /** Nothing happens any more. */
  finish(): void {
    this.#calls.finish()
  }
}

/** Every key that was ever held, with its holder, if there is one. */
function leasesOf(server: MemServer) {
  const keys = new Set<string>()
  return {
    *[Symbol.iterator]() {
      for (const key of server.items.keys()) keys.add(key)
      for (const key of keys) {
        const item = server.find(key)
        const untilMs = item ? EPOCH_MS + server.endMs(item) : 0
        yield [key, { holders: new Map([['', { untilMs }]]) }] as const
      }
    },
  }
}
