import type { LoadSignal } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import type { NearPlan } from './near-plan.ts'

/** One call of `get`, and how new its value must be. */
export interface Look {
  readonly client: SimClient
  readonly key: string
  readonly floors: readonly (readonly [rule: string, change: number])[]
  /** A value from the store was stored after every `clear` that had resolved. */
  readonly cleared: number
  /** One from the process after every end of its tags that was heard of. */
  readonly marked: number
}

interface History {
  /** When each change was executed, real time. */
  readonly atMs: number[]
  /** The last change by which each value was stored. */
  readonly values: Map<number, number>
}

/**
 * A value from the process itself is no older than any change that its process has made, has heard of, or
 * could not have heard of because it was cut off; and never older than the bound.
 */
export class NearAudit implements StoreObserver {
  readonly #world: World
  readonly #tally: Tally
  readonly #boundMs: number
  readonly #histories = new Map<string, History>()
  readonly #pushed = new WeakMap<LoadSignal, number>()
  readonly #known = new Map<SimClient, Map<string, Map<string, number>>>()
  /** By key, the first change that no resolved `clear` or end of tags has ended. */
  readonly #cleared = new Map<string, number>()
  /** Of each tag, in the store. */
  readonly #versions = new Map<string, string>()
  /** By the signal that tells of a new version: which change of each key is the first that it spares. */
  readonly #marks = new WeakMap<LoadSignal, readonly (readonly [key: string, change: number])[]>()
  #lastPushed: LoadSignal | undefined
  /** Of a client and key. */
  readonly #marked = new Map<string, number>()
  #values = 0

  constructor(world: World, tally: Tally, { nearMs }: NearPlan) {
    this.#world = world
    this.#tally = tally
    this.#boundMs = nearMs * 1.01 + 5
  }

  sent(): void {}
  answered(): void {}

  executed({ op, key, request }: ObservedCommand, reply: unknown): void {
    const { state } = (reply ?? {}) as { readonly state?: string }
    if (op === 'compareAndSet' && state === 'written') {
      this.#tagged(key, (request as { data: Uint8Array }).data)
    }
    if (op !== 'write' && op !== 'remove') return
    if (state === 'late') return
    const { atMs, values } = this.#historyOf(key)
    atMs.push(this.#world.nowMs)
    if (op === 'write') values.set(valueIn((request as { data: Uint8Array }).data), atMs.length)
  }

  /** The server pushes this while it executes a change. */
  pushes(key: string, signal: LoadSignal): void {
    this.#lastPushed = signal
    if (isOfTag(key)) return
    this.#pushed.set(signal, this.#historyOf(key).atMs.length + 1)
  }

  hears(client: SimClient, key: string, signal: LoadSignal): void {
    this.#tally.add('near', 'heard')
    for (const [ended, change] of this.#marks.get(signal) ?? []) {
      const place = `${client.id} ${ended}`
      this.#marked.set(place, Math.max(change, this.#marked.get(place) ?? 0))
    }
    if (isOfTag(key)) return
    this.#know(client, key, 'heard', this.#pushed.get(signal) ?? 0)
  }

  disconnected(client: SimClient): void {
    for (const [key, { atMs }] of this.#histories) this.#know(client, key, 'cut off', atMs.length)
  }

  /** A new value, to be set. */
  value(): number {
    return ++this.#values
  }

  /** A set or a delete of this process has resolved. */
  changed(client: SimClient, key: string): void {
    this.#tally.add('near', 'changes')
    this.#know(client, key, 'own', this.#historyOf(key).atMs.length)
  }

  /** `client` ends whatever is stored. @returns what to call when that has resolved. */
  ends(client: SimClient): () => void {
    const ended = [...this.#histories].map(([key, { atMs }]) => [key, atMs.length + 1] as const)
    return () => {
      this.#tally.add('near', 'clears')
      for (const [key, change] of ended) {
        this.#know(client, key, 'cleared', change)
        this.#cleared.set(key, Math.max(change, this.#cleared.get(key) ?? 0))
      }
    }
  }

  look(client: SimClient, key: string): Look {
    const { atMs } = this.#historyOf(key)
    const sinceMs = this.#world.nowMs - this.#boundMs
    const bound = atMs.filter((at) => at < sinceMs).length
    const floors = [...this.#knownOf(client, key), ['bound', bound] as const]
    const cleared = this.#cleared.get(key) ?? 0
    const marked = this.#marked.get(`${client.id} ${key}`) ?? 0
    return { client, key, floors, cleared, marked }
  }

  got(
    { client, key, floors, cleared, marked }: Look,
    value: number | undefined,
    isNear: boolean,
  ): void {
    this.#tally.add('near', isNear ? 'hits' : 'misses')
    if (value === undefined) return
    const change = this.#historyOf(key).values.get(value) ?? 0
    const own = isNear ? (['marked', marked] as const) : (['cleared', cleared] as const)
    const all = [...floors, own]
    for (const [rule, floor] of all) {
      if (change >= floor) continue
      const what = `c${client.id} gets ${value} of ${key}, change ${change}, after change ${floor}`
      this.#world.violate(rule, what)
    }
  }

  watch(): void {}

  finish(): void {}

  /** A mark of a tag is written; what it says is told by what was pushed just before. */
  #tagged(key: string, data: Uint8Array): void {
    const version = Buffer.from(data).toString('latin1', VERSION_FROM)
    const before = this.#versions.get(key)
    this.#versions.set(key, version)
    if (before === undefined || before === version || !this.#lastPushed) return
    const spared = [...this.#histories].map(([each, { atMs }]) => [each, atMs.length + 1] as const)
    this.#marks.set(this.#lastPushed, spared)
  }

  #historyOf(key: string): History {
    const history = this.#histories.get(key) ?? { atMs: [], values: new Map() }
    this.#histories.set(key, history)
    return history
  }

  #knownOf(client: SimClient, key: string): Map<string, number> {
    const keys = this.#known.get(client) ?? new Map<string, Map<string, number>>()
    this.#known.set(client, keys)
    const known = keys.get(key) ?? new Map<string, number>()
    keys.set(key, known)
    return known
  }

  #know(client: SimClient, key: string, rule: string, change: number): void {
    const known = this.#knownOf(client, key)
    known.set(rule, Math.max(change, known.get(rule) ?? 0))
  }
}

/** Where the version begins in the mark of a tag. */
const VERSION_FROM = 6

const isOfTag = (key: string): boolean => key.startsWith('sim:t1:')

const valueIn = (data: Uint8Array): number =>
  Number(/\{"value":(\d+)\}/.exec(Buffer.from(data).toString('latin1'))?.[1] ?? 0)
