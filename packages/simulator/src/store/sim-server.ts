import type { AcquireReply, LoadSignal, PushedGrant, PushedLoss, StealRequest } from '@locks/core'
import {
  type CacheState,
  type cacheStep,
  freeLease,
  type LeaseEnvironment,
  type LeaseState,
  type LeaseStep,
  type leaseStep,
} from '@locks/core/spec'
import type { CacheServer } from '../cache/cache-server.ts'
import type { SimClient } from '../fleet/sim-client.ts'
import type { PushLine } from '../push/push-line.ts'
import { EPOCH_MS, type World } from '../time/world.ts'

type SignalLine = PushLine<{ readonly key: string; readonly signal: LoadSignal }>

/** Looks on while the server acts by itself. */
export interface ServerWatcher {
  /** A signal is pushed. */
  signalled?(client: SimClient, token: string, arrives: boolean): void
  /** A holder is deposed, whose lease would have ended at `endMs`; real time. */
  stolen?(token: string, endMs: number, thiefFence: number): void
  /** A grant is pushed. */
  pushed?(grant: PushedGrant, subscriber: string, arrives: boolean): void
}

/** What the server executes. */
export interface ServerSteps {
  readonly lease: typeof leaseStep
  readonly cache: typeof cacheStep
}

/** The server: the specification of both ports, executed on a clock of its own. */
export class SimServer implements CacheServer {
  readonly roundTrips = 1
  readonly refusesLate = true
  readonly steps: ServerSteps
  readonly leases = new Map<string, LeaseState>()
  /** By the subscriber's id. */
  readonly lines = new Map<string, PushLine<PushedGrant | PushedLoss>>()
  /** Who hears of the loads of which keys. */
  readonly signalLines = new Map<SignalLine, string>()
  /** Not one function for each: Node 20 keeps each object that another function is put into later. */
  watcher: ServerWatcher = {}
  readonly caches = new Map<string, CacheState>()
  readonly #world: World

  constructor(world: World, steps: ServerSteps) {
    this.#world = world
    this.steps = steps
  }

  get nowMs(): number {
    return Math.floor(EPOCH_MS + this.#world.nowMs)
  }

  /** Whether a push would arrive, as far as the server knows. */
  readonly alive = (subscriber: string): boolean => this.lines.get(subscriber)?.alive ?? false

  get environment(): LeaseEnvironment {
    return { nowUs: Math.floor((EPOCH_MS + this.#world.nowMs) * 1000), alive: this.alive }
  }

  /** Runs one step on `key`, and pushes what it grants. */
  runLease<Reply>(
    key: string,
    step: (state: LeaseState, env: LeaseEnvironment) => LeaseStep<Reply>,
  ): Reply {
    const { reply, grants, losses = [] } = step(this.lease(key), this.environment)
    for (const { subscriber, ...loss } of losses) this.lines.get(subscriber)?.push({ key, ...loss })
    for (const { subscriber, ...granted } of grants) {
      const grant = { ...granted, key }
      const arrives = this.lines.get(subscriber)?.push(grant) ?? false
      this.watcher.pushed?.(grant, subscriber, arrives)
    }
    return reply
  }

  /** Runs a steal on `key`. */
  steal(request: StealRequest): AcquireReply {
    const { key } = request
    const ends = [...this.lease(key).holders].map(([token]) => [token, this.leaseEndMs(key, token)])
    const reply = this.runLease(key, (state, env) => this.steps.lease.steal(state, request, env))
    for (const [token, endMs] of ends as [string, number | undefined][]) {
      if (endMs !== undefined && !this.lease(key).holders.has(token))
        this.watcher.stolen?.(token, endMs, this.lease(key).fence)
    }
    return reply
  }

  get hasSignals(): boolean {
    return this.signalLines.size > 0
  }

  /** Pushes reach it, as far as it has been told. */
  hears(client: SimClient): boolean {
    for (const line of this.signalLines.keys()) {
      if (line.client === client && line.opened && line.connected) return true
    }
    return false
  }

  /** What pushes the signals of `key`. */
  signalOf(key: string): (signal: LoadSignal) => void {
    return (signal) => {
      for (const [line, prefix] of this.signalLines) {
        if (!key.startsWith(prefix) || !line.alive) continue
        const arrives = line.push({ key, signal })
        if ('token' in signal) this.watcher.signalled?.(line.client, signal.token, arrives)
      }
    }
  }

  lease(key: string): LeaseState {
    const known = this.leases.get(key)
    if (known) return known
    const state = freeLease()
    this.leases.set(key, state)
    return state
  }

  cache(key: string): CacheState {
    const known = this.caches.get(key)
    if (known) return known
    const state: CacheState = {}
    this.caches.set(key, state)
    return state
  }

  /** Real time at which the lease of `token` on `key` ends; `undefined` when it has none any more. */
  leaseEndMs(key: string, token: string): number | undefined {
    const untilMs = this.leases.get(key)?.holders.get(token)?.untilMs
    return untilMs === undefined || untilMs <= this.nowMs ? undefined : untilMs - EPOCH_MS
  }
}
