import { type Link, LinkedSet } from './linked-set.ts'

/** So many are looked through; more have an index. */
const FEW = 8

interface Entry<Value> extends Link<Entry<Value>> {
  readonly key: string
  value: Value
}

/**
 * A map by text in order of arrival, for what comes and goes all the time and is empty now and then, which
 * makes V8's own maps begin anew each time. While a loop runs, the entry that it is at may be deleted, and no
 * other.
 */
export class LinkedMap<Value> {
  readonly #entries = new LinkedSet<Entry<Value>>()
  #index: Map<string, Entry<Value>> | undefined

  get size(): number {
    return this.#entries.size
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined
  }

  get(key: string): Value | undefined {
    return this.#find(key)?.value
  }

  set(key: string, value: Value): void {
    const known = this.#find(key)
    if (known) known.value = value
    else this.#add({ key, value, set: undefined, previous: undefined, next: undefined })
  }

  /** Whether it was there. */
  delete(key: string): boolean {
    const entry = this.#find(key)
    if (!entry) return false
    this.#entries.delete(entry)
    if (this.#entries.size === 0) this.#index = undefined
    else this.#index?.delete(key)
    return true
  }

  clear(): void {
    for (const key of this.keys()) this.delete(key)
  }

  forEach(visit: (value: Value, key: string) => void): void {
    let entry = this.#entries.first
    while (entry) {
      const { next } = entry
      visit(entry.value, entry.key)
      entry = next
    }
  }

  *[Symbol.iterator](): Generator<[key: string, value: Value], undefined> {
    let entry = this.#entries.first
    while (entry) {
      const { next } = entry
      yield [entry.key, entry.value]
      entry = next
    }
  }

  *keys(): Generator<string, undefined> {
    for (const [key] of this) yield key
  }

  *values(): Generator<Value, undefined> {
    for (const [, value] of this) yield value
  }

  #find(key: string): Entry<Value> | undefined {
    if (this.#index) return this.#index.get(key)
    let entry = this.#entries.first
    while (entry && entry.key !== key) entry = entry.next
    return entry
  }

  #add(entry: Entry<Value>): void {
    this.#entries.add(entry)
    if (this.#index) this.#index.set(entry.key, entry)
    else if (this.#entries.size > FEW) {
      this.#index = new Map(this.#entries.toArray().map((each) => [each.key, each]))
    }
  }
}
