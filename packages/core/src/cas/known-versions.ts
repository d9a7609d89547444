/** Leases that ended without a command of ours are never told of; so many are kept at most. */
const KEPT_MAX = 10_000

/** The versions of leases that this process wrote last, by owner token. */
export class KnownVersions<Version> {
  readonly #versions = new Map<string, Version>()

  get(token: string): Version | undefined {
    return this.#versions.get(token)
  }

  /** `version` absent: the store has not told it. */
  learn(token: string, version: Version | undefined): void {
    this.forget(token)
    if (version === undefined) return
    this.#versions.set(token, version)
    const [oldest] = this.#versions.keys()
    if (this.#versions.size > KEPT_MAX && oldest !== undefined) this.forget(oldest)
  }

  forget(token: string): void {
    this.#versions.delete(token)
  }
}
