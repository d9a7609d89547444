import type { SimEvent } from './sim-event.ts'

/** What will happen, soonest first; at the same time, in the order of planning. */
export class EventHeap {
  readonly #events: SimEvent[] = []

  push(event: SimEvent): void {
    const events = this.#events
    let index = events.length
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = events[parentIndex] as SimEvent
      if (!isBefore(event, parent)) break
      events[index] = parent
      index = parentIndex
    }
    events[index] = event
  }

  pop(): SimEvent | undefined {
    const events = this.#events
    const first = events[0]
    const last = events.pop()
    if (last !== undefined && events.length > 0) this.#sink(last)
    return first
  }

  #sink(event: SimEvent): void {
    const events = this.#events
    const { length } = events
    let index = 0
    for (let child = 1; child < length; child = 2 * index + 1) {
      const right = child + 1
      if (right < length && isBefore(events[right] as SimEvent, events[child] as SimEvent)) {
        child = right
      }
      if (!isBefore(events[child] as SimEvent, event)) break
      events[index] = events[child] as SimEvent
      index = child
    }
    events[index] = event
  }
}

const isBefore = (a: SimEvent, b: SimEvent): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
