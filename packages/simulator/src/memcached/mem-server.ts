import { EPOCH_MS, type World } from '../time/world.ts'
import type { MemItem } from './mem-item.ts'

/** Longer lifetimes are dates. */
const LIFETIME_S_MAX = 30 * 24 * 3600

export interface MemWrite {
  readonly key: string
  readonly value: string
  /** As on the wire. */
  readonly exptime: number
}

/**
 * A memcached: each method is one of its commands. It counts time in whole seconds, so what is stored for
 * N of them ends within the last one; its CAS ids start over when it is restarted.
 */
export class MemServer {
  readonly items = new Map<string, MemItem>()
  /** How often it was restarted. */
  epoch = 0
  readonly #world: World
  /** Where its seconds begin. */
  readonly #phaseMs: number
  #ids = 0

  constructor(world: World) {
    this.#world = world
    this.#phaseMs = world.dice.between(0, 1000)
  }

  find(key: string): MemItem | undefined {
    const item = this.items.get(key)
    return item && item.endS > this.#second ? item : undefined
  }

  add(write: MemWrite): MemItem | undefined {
    return this.find(write.key) ? undefined : this.set(write)
  }

  compareAndSet(write: MemWrite, cas: number): MemItem | undefined {
    return this.find(write.key)?.cas === cas ? this.set(write) : undefined
  }

  compareAndDelete(key: string, cas: number): boolean {
    return this.find(key)?.cas === cas && this.delete(key)
  }

  set({ key, value, exptime }: MemWrite): MemItem {
    const endS = exptime > LIFETIME_S_MAX ? exptime : this.#second + exptime
    const item = { value, cas: ++this.#ids, endS: exptime === 0 ? Infinity : endS }
    this.items.set(key, item)
    return item
  }

  delete(key: string): boolean {
    return this.find(key) !== undefined && this.items.delete(key)
  }

  /** All is gone, its connections too. */
  restart(): void {
    this.items.clear()
    this.#ids = 0
    this.epoch++
  }

  /** Real time at which an item ends. */
  endMs({ endS }: MemItem): number {
    return endS * 1000 - this.#phaseMs - EPOCH_MS
  }

  get #second(): number {
    return Math.floor((EPOCH_MS + this.#world.nowMs + this.#phaseMs) / 1000)
  }
}
