import type { Clock } from '../clock.ts'

/**
 * Thefts that are known here before the grant that they end: the reply or push which grants a lease can
 * be overtaken by the push that it was stolen, or by the grant to a thief of this process.
 * Each is remembered for as long as such a grant may be on its way.
 */
export class Thefts {
  readonly #clock: Clock
  readonly #forMs: number
  readonly #heldFence: (key: string) => number
  /** The greatest fence of who stole from it, by token. */
  readonly #deposed = new Map<string, number>()
  /** By key. */
  readonly #fences = new Map<string, number>()

  /** `heldFence`: the greatest fence of what is held here under a key, 0 of nothing. */
  constructor(clock: Clock, forMs: number, heldFence: (key: string) => number) {
    this.#clock = clock
    this.#forMs = forMs
    this.#heldFence = heldFence
  }

  /** What `token` held was stolen. It may have been granted to it once more: then by a greater fence. */
  heard(token: string, thiefFence: number): void {
    if (thiefFence <= (this.#deposed.get(token) ?? 0)) return
    this.#deposed.set(token, thiefFence)
    this.#later(() => {
      if (this.#deposed.get(token) === thiefFence) this.#deposed.delete(token)
    })
  }

  /** A steal of this process has got `key`: nothing that was granted before holds it any more. */
  committed(key: string, fence: number | undefined): void {
    if (fence === undefined || fence <= (this.#fences.get(key) ?? 0)) return
    this.#fences.set(key, fence)
    this.#later(() => {
      if (this.#fences.get(key) === fence) this.#fences.delete(key)
    })
  }

  /** A steal takes all there is: whatever was granted after it came when it was over. */
  outlived(key: string, fence: number | undefined): boolean {
    return fence !== undefined && fence < this.#heldFence(key)
  }

  /** What is granted by this has been stolen since. */
  undid(key: string, token: string, fence: number | undefined): boolean {
    if (fence === undefined) return this.#deposed.has(token)
    return fence < (this.#deposed.get(token) ?? 0) || fence < (this.#fences.get(key) ?? 0)
  }

  #later(forget: () => void): void {
    this.#clock.after(this.#forMs, forget, { background: true })
  }
}
