import type { Clock, Name } from '@locks/core'
import { LRUCache } from 'lru-cache'
import { TRUSTED_MS } from '../tags/tag-marks.ts'
import { FillGate, type Reading } from './fill-gate.ts'
import { type Handing, handing } from './handing.ts'
import type { NearSettings } from './near-options.ts'

const QUIET_MS = TRUSTED_MS * 1.02 + 2

interface Kept {
  readonly hand: Handing
  readonly untilMs: number
  /** As it was last asked for, if that is a text. */
  name: string | undefined
}

export interface NearParts extends NearSettings {
  readonly clock: Clock
  /** The store's key of a name. */
  readonly keyOf: (name: Name) => string
  /** Changes are heard of, as far as the store tells them. */
  readonly hears: () => boolean
}

/**
 * Values in the process itself, as they were read from the store: for as long as they are fresh, no change
 * of theirs is heard of, and no longer than a bound.
 */
export class NearCache {
  readonly #parts: NearParts
  readonly #kept: LRUCache<string, Kept>
  /** The store's keys by text: making one takes longer than all else. */
  readonly #keys = new Map<string, string>()
  readonly #gate = new FillGate()
  #quietUntilMs = 0
  #hits = 0

  constructor(parts: NearParts) {
    this.#parts = parts
    this.#kept = new LRUCache<string, Kept>({
      max: parts.max,
      dispose: ({ name }) => name === undefined || this.#keys.delete(name),
    })
  }

  /** How often a value was given. */
  get hits(): number {
    return this.#hits
  }

  /** The value, if it is here. Never throws: why a name is none, whoever asks the store is told. */
  get(name: Name): Promise<unknown> | undefined {
    const known = this.#keys.get(name as string)
    const key = known ?? this.#keyOf(name)
    const kept = key === undefined ? undefined : this.#kept.get(key)
    if (kept === undefined || kept.untilMs <= this.#parts.clock.now()) return undefined
    if (known === undefined && typeof name === 'string') this.#remember(name, key as string, kept)
    this.#hits++
    return kept.hand()
  }

  /** A read of the store is about to be sent. */
  begin(key: string): Reading | undefined {
    const { clock, hears } = this.#parts
    const nowMs = clock.now()
    return hears() && nowMs >= this.#quietUntilMs ? this.#gate.begin(key, nowMs) : undefined
  }

  /** Keeps what that read has found, unless something was heard of the key since. */
  end(
    reading: Reading | undefined,
    found: { readonly value: unknown; readonly freshMs: number } | undefined,
  ): void {
    if (!reading || !this.#gate.end(reading) || !found || !this.#parts.hears()) return
    const { clock, mode, ttlMs } = this.#parts
    const hand = handing(found.value, mode)
    if (!hand) return
    const untilMs = Math.min(clock.now() + found.freshMs, reading.atMs + ttlMs)
    this.#kept.set(reading.key, { hand, untilMs, name: undefined })
  }

  /** Another value is there, or may be. */
  drop(key: string): void {
    this.#gate.changed(key)
    this.#kept.delete(key)
  }

  clear(): void {
    this.#gate.changedAll()
    this.#kept.clear()
    this.#keys.clear()
  }

  /**
   * A tag may be another one now. Whether a value is still good is judged by what was known of its tags
   * up to `TRUSTED_MS` before it was read: so long nothing is kept.
   */
  dropTagged(): void {
    this.clear()
    this.#quietUntilMs = this.#parts.clock.now() + QUIET_MS
  }

  #keyOf(name: Name): string | undefined {
    try {
      return this.#parts.keyOf(name)
    } catch {
      return undefined
    }
  }

  #remember(name: string, key: string, kept: Kept): void {
    if (kept.name !== undefined) this.#keys.delete(kept.name)
    kept.name = name
    this.#keys.set(name, key)
  }
}
