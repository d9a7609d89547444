import { type Link, LinkedSet } from '../linked-set.ts'

/** Leases that ended without a command of ours are never told of; so many are kept at most. */
const KEPT_MAX = 10_000
const BUCKETS = 1024

interface Known<Version> extends Link<Known<Version>> {
  readonly token: string
  readonly version: Version
  /** The one before it in its bucket. */
  below: Known<Version> | undefined
}

/**
 * The versions of leases that this process wrote last, by owner token. No `Map`, as everything in it comes
 * and goes; see `LinkedSet`.
 */
export class KnownVersions<Version> {
  readonly #buckets: (Known<Version> | undefined)[] = new Array(BUCKETS).fill(undefined)
  readonly #inOrder = new LinkedSet<Known<Version>>()

  /** What is known of `token`, and from now on is not. */
  take(token: string): Version | undefined {
    const bucket = bucketOf(token)
    let above: Known<Version> | undefined
    let known = this.#buckets[bucket]
    while (known && known.token !== token) {
      above = known
      known = known.below
    }
    if (!known) return undefined
    if (above) above.below = known.below
    else this.#buckets[bucket] = known.below
    this.#inOrder.delete(known)
    return known.version
  }

  /** `version` absent: the store has not told it. */
  learn(token: string, version: Version | undefined): void {
    this.take(token)
    if (version === undefined) return
    const bucket = bucketOf(token)
    const known = { token, version, below: this.#buckets[bucket] }
    this.#buckets[bucket] = known
    this.#inOrder.add(known)
    const { first } = this.#inOrder
    if (first && this.#inOrder.size > KEPT_MAX) this.take(first.token)
  }
}

/** The last characters of a token are random. */
function bucketOf(token: string): number {
  const end = token.length
  return ((token.charCodeAt(end - 1) << 5) ^ token.charCodeAt(end - 2)) % BUCKETS
}
