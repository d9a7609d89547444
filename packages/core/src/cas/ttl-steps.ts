import type { CasEntry, CasFacts } from '../contract/cas-store.ts'

/** What a TTL is worth in a store that counts in steps. */
export class TtlSteps {
  readonly #stepMs: number

  constructor({ ttlResolutionMs }: CasFacts) {
    this.#stepMs = ttlResolutionMs
  }

  /** For how long the store surely keeps what is stored for `ttlMs`. */
  surelyKeptMs(ttlMs: number): number {
    return Math.ceil(ttlMs / this.#stepMs) * this.#stepMs
  }

  /** For how long at most an entry is still there that was stored for `ttlMs`. */
  leftMs({ remainingMs }: Pick<CasEntry<unknown>, 'remainingMs'>, ttlMs: number): number {
    return remainingMs ?? this.surelyKeptMs(ttlMs) + this.#stepMs
  }
}
