import type { Answer, Contents, Question } from './messages.ts'

const ELEMENTS_MAX = 10

/**
 * What a lock guards: a counter and a set, read and written back by whoever holds it. It is kept twice:
 * once it refuses whoever comes with a smaller fence than one that it has seen, once it takes all.
 */
export class GuardedResource {
  /** Accesses refused for their fence. */
  refused = 0
  /** Of the part without a fence: writes by who had read what was no longer there. */
  lostUpdates = 0
  #sets = 0
  #fence = -1
  #contents: Contents

  constructor(lock: string) {
    this.#contents = { fenced: 0, set: { name: `${lock}/0`, elements: [] }, unfenced: 0 }
  }

  get contents(): Contents {
    return this.#contents
  }

  /** Whether anybody has come with a fence. */
  get isFenced(): boolean {
    return this.#fence >= 0
  }

  answer({ lock, fence, write }: Question): Answer {
    if (write) this.#writeUnfenced(write.base.unfenced)
    if (!this.#accepts(fence)) return undefined
    if (write) {
      const { base, element } = write
      const set = { ...base.set, elements: [...base.set.elements, element] }
      this.#contents = { ...this.#contents, fenced: base.fenced + 1, set }
    } else if (this.#contents.set.elements.length >= ELEMENTS_MAX) {
      const set = { name: `${lock}/${++this.#sets}`, elements: [] }
      this.#contents = { ...this.#contents, set }
    }
    return this.#contents
  }

  #writeUnfenced(base: number): void {
    if (base !== this.#contents.unfenced) this.lostUpdates++
    this.#contents = { ...this.#contents, unfenced: base + 1 }
  }

  #accepts(fence: number | undefined): boolean {
    if (fence !== undefined && fence < this.#fence) {
      this.refused++
      return false
    }
    this.#fence = fence ?? this.#fence
    return true
  }
}
