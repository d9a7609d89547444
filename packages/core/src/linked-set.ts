/** An item of one `LinkedSet`, which alone changes these. */
export interface Link<Item> {
  set?: unknown
  previous?: Item | undefined
  next?: Item | undefined
}

/**
 * A set in order of arrival, for what comes and goes all the time: adding and deleting allocate nothing.
 * V8's own sets copy themselves now and then, and each copy keeps the one after it, and all that was in it,
 * alive for longer than the garbage collector's cheap part reaches.
 */
export class LinkedSet<Item extends Link<Item>> {
  #first: Item | undefined
  #last: Item | undefined
  #size = 0

  get first(): Item | undefined {
    return this.#first
  }

  get size(): number {
    return this.#size
  }

  /** `item` is in no set. */
  add(item: Item): void {
    item.set = this
    item.previous = this.#last
    if (this.#last) this.#last.next = item
    else this.#first = item
    this.#last = item
    this.#size++
  }

  /** Nothing, if it is not in this set. */
  delete(item: Item): void {
    if (item.set !== this) return
    const { previous, next } = item
    if (previous) previous.next = next
    else this.#first = next
    if (next) next.previous = previous
    else this.#last = previous
    item.set = undefined
    item.previous = undefined
    item.next = undefined
    this.#size--
  }

  /** What is in it now, oldest first. */
  toArray(): Item[] {
    const items: Item[] = []
    for (let item = this.#first; item; item = item.next) items.push(item)
    return items
  }
}
