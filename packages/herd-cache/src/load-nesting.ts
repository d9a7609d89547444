import { AsyncLocalStorage } from 'node:async_hooks'
import { LoadRecursionError } from '@locks/core'

/** A loader that runs, and the one inside of which it was asked for. */
interface Frame {
  readonly of: LoadNesting
  readonly keys: readonly string[]
  /** Nobody waits for it: what it asks for can wait for it in turn. */
  readonly background: boolean
  readonly outer: Frame | undefined
  running: boolean
}

/** One for all caches: Node 20 pays for each with every promise. */
const frames = new AsyncLocalStorage<Frame>()

/**
 * Finds loaders that would wait for themselves: by their own key, or by one whose loader waits for theirs,
 * whichever call of this process has started it.
 */
export class LoadNesting {
  /** What the loaders of a key wait for. */
  readonly #waits = new Map<string, string[]>()

  /** Runs the loader of `keys`. */
  async run<T>(
    keys: readonly string[],
    background: boolean,
    load: () => T | PromiseLike<T>,
  ): Promise<T> {
    const frame = { of: this, keys, background, outer: frames.getStore(), running: true }
    try {
      return await frames.run(frame, load)
    } finally {
      // What it has left behind may ask for its key.
      frame.running = false
    }
  }

  /**
   * Notes that the loader in which this is called waits for `key` until `outcome` settles.
   * @throws LoadRecursionError
   */
  check(key: string): ((outcome: Promise<unknown>) => void) | undefined {
    const frame = this.#running(frames.getStore())
    if (!frame) return undefined
    for (let each = this.#running(frame); each; each = this.#running(each.outer)) {
      if (each.keys.includes(key)) throw recursion(key)
    }
    if (frame.background) return undefined
    if (frame.keys.some((own) => this.#leadsTo(key, own))) throw recursion(key)
    return (outcome) => this.#note(frame.keys, key, outcome)
  }

  #note(waiting: readonly string[], key: string, outcome: Promise<unknown>): void {
    for (const own of waiting) this.#waits.set(own, [...(this.#waits.get(own) ?? []), key])
    const forget = () => {
      for (const own of waiting) {
        const left = [...(this.#waits.get(own) ?? [])]
        left.splice(left.indexOf(key), 1)
        if (left.length > 0) this.#waits.set(own, left)
        else this.#waits.delete(own)
      }
    }
    outcome.then(forget, forget)
  }

  #leadsTo(from: string, to: string, seen = new Set<string>()): boolean {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return (this.#waits.get(from) ?? []).some((next) => this.#leadsTo(next, to, seen))
  }

  /** The innermost loader of this cache that still runs, from `frame` outwards. */
  #running(frame: Frame | undefined): Frame | undefined {
    let each = frame
    while (each && (each.of !== this || !each.running)) each = each.outer
    return each
  }
}

const recursion = (key: string) =>
  new LoadRecursionError(`a loader asks for an entry that waits for it: ${key}`)
