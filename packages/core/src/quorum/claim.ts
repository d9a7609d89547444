import type { Clock } from '../clock.ts'
import type { QuorumNode } from './quorum-node.ts'
import { Standing } from './standing.ts'

/** One owner token in all nodes of a quorum, from its acquire until it is given up. */
export class Claim {
  readonly key: string
  readonly token: string
  /** In the order of the nodes. */
  readonly standings: readonly Standing[]
  /** The longest TTL that was asked for. */
  ttlMs = 0
  /** Given up: nothing may be asked for with its token any more. */
  closed = false
  /** On our clock; after that no node holds anything for it. */
  endsAtMs = 0
  readonly #clock: Clock

  constructor(nodes: readonly QuorumNode[], clock: Clock, key: string, token: string) {
    this.#clock = clock
    this.key = key
    this.token = token
    this.standings = nodes.map((node) => new Standing(node, clock, key, token))
  }

  /** A command that sets `ttlMs` is about to be sent. */
  prolong(ttlMs: number): void {
    this.ttlMs = Math.max(this.ttlMs, ttlMs)
    this.endsAtMs = Math.max(this.endsAtMs, this.#clock.now() + 2 * ttlMs)
  }
}
