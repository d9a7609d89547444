import type { Clock } from '../clock.ts'
import type {
  AcquireReply,
  AcquireRequest,
  ExtendReply,
  ExtendRequest,
  Inspection,
  LeaseFacts,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
} from '../contract/lease-store.ts'
import { withDeadline } from '../deadline.ts'
import { UnsupportedError } from '../errors.ts'
import type { Random } from '../random.ts'
import { countVotes } from './ballot.ts'
import { Claim } from './claim.ts'
import { majorityHolder } from './majority-holder.ts'
import { noticeLostData } from './notice-lost-data.ts'
import { QuorumNode } from './quorum-node.ts'
import { leastOf, verdict } from './verdict.ts'

/** Several stores as one; see `quorum`. */
export class QuorumStore implements LeaseStore {
  readonly facts: LeaseFacts
  readonly #nodes: readonly QuorumNode[]
  readonly #clock: Clock
  readonly #timeoutMs: number
  /** What has been asked for and not given up, the latest last. */
  readonly #claims = new Map<string, Claim>()
  /** How long a lease may last that a node has forgotten. */
  #longestTtlMs = 0

  constructor(stores: readonly LeaseStore[], clock: Clock, random: Random, timeoutMs: number) {
    this.facts = {
      ttlResolutionMs: Math.max(...stores.map(({ facts }) => facts.ttlResolutionMs)),
      durability: 'quorum',
      fencing: false,
      exclusive: stores.every(({ facts }) => facts.exclusive),
    }
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#nodes = stores.map((store) => new QuorumNode(store, clock, random, timeoutMs))
  }

  async acquire({ key, token, ttlMs, ...rest }: AcquireRequest): Promise<AcquireReply> {
    const { units = 1, capacity = 1, waiter } = rest
    if (units !== 1 || capacity !== 1 || waiter) {
      throw new UnsupportedError('a quorum has no queue, and no units or capacities')
    }
    const claim = this.#prolong(key, token, ttlMs)
    claim.closed = false
    let isGranted = false
    try {
      const votes = claim.standings.map((standing) => standing.vote(ttlMs))
      const reply = verdict(await countVotes(votes, ({ state }) => state === 'granted'))
      isGranted = reply.state === 'granted'
      return reply
    } finally {
      if (!isGranted) this.#abandon(claim)
    }
  }

  async extend({ key, token, ttlMs, newToken }: ExtendRequest): Promise<ExtendReply> {
    const from = newToken === undefined ? undefined : token
    const claim = this.#prolong(key, newToken ?? token, ttlMs)
    const votes = claim.standings.map((standing) => standing.extend(ttlMs, from))
    noticeLostData(votes, this.#keepOut)
    const { isElected, yes, no } = await countVotes(votes, ({ state }) => state === 'extended')
    if (!isElected) {
      this.#abandon(claim)
      return { state: lossOf(no) }
    }
    if (from !== undefined) this.#handOver(key, from, votes, ttlMs)
    this.#topUp(claim, votes, ttlMs)
    return { state: 'extended', remainingMs: leastOf(yes.map((vote) => vote.remainingMs)) }
  }

  async release({ key, token }: ReleaseRequest): Promise<ReleaseReply> {
    const claim = this.#claims.get(idOf(key, token)) ?? this.#newClaim(key, token)
    claim.closed = true
    const votes = claim.standings.map((standing) => standing.release(claim.ttlMs))
    void this.#forgetWhenReturned(claim)
    const { isElected, no } = await countVotes(votes, ({ state }) => state === 'released')
    return { state: isElected ? 'released' : lossOf(no) }
  }

  inspect(key: string): Promise<Inspection> {
    return majorityHolder(this.#nodes.map(({ leases }) => leases.inspect(key)))
  }

  async close(): Promise<void> {
    await withDeadline(this.#clock, this.#timeoutMs, this.#undone()).catch(() => {})
    await Promise.all(this.#nodes.map((node) => node.close()))
  }

  /**
   * Gives the lease to the nodes that do not have it. Only behind a renewal, so that nobody else can hold
   * a majority; and only the next renewal counts them.
   */
  #topUp(claim: Claim, votes: readonly Promise<{ readonly state: string }>[], ttlMs: number): void {
    votes.forEach((vote, index) => {
      const ask = ({ state }: { readonly state: string }) => {
        if (state !== 'absent' || claim.closed) return
        claim.standings[index]?.ask(ttlMs).catch(() => {})
      }
      vote.then(ask, () => {})
    })
  }

  readonly #keepOut = (index: number): void => {
    this.#nodes[index]?.stayOut(this.#longestTtlMs)
  }

  /** The claim of a token for which a command that sets `ttlMs` is about to be sent. */
  #prolong(key: string, token: string, ttlMs: number): Claim {
    this.#longestTtlMs = Math.max(this.#longestTtlMs, ttlMs)
    const id = idOf(key, token)
    const claim = this.#claims.get(id) ?? this.#newClaim(key, token)
    claim.prolong(ttlMs)
    this.#claims.delete(id)
    this.#dropEnded()
    this.#claims.set(id, claim)
    return claim
  }

  #newClaim(key: string, token: string): Claim {
    return new Claim(this.#nodes, this.#clock, key, token)
  }

  /** Nobody says so when a lease has ended by itself. */
  #dropEnded(): void {
    for (const [id, claim] of this.#claims) {
      if (claim.endsAtMs > this.#clock.now()) return
      this.#claims.delete(id)
    }
  }

  /** Takes back what any node may hold, answered or not. */
  #abandon(claim: Claim): void {
    if (claim.closed) return
    claim.closed = true
    for (const standing of claim.standings) standing.takeBack(claim.ttlMs)
    void this.#forgetWhenReturned(claim)
  }

  /** Nodes that did not answer may still hold the lease by its old token. */
  #handOver(key: string, token: string, votes: readonly Promise<unknown>[], ttlMs: number): void {
    const claim = this.#prolong(key, token, ttlMs)
    claim.closed = true
    claim.standings.forEach((standing, index) => {
      const vote = votes[index]
      if (vote) standing.handOver(vote, claim.ttlMs)
    })
    void this.#forgetWhenReturned(claim)
  }

  /** Until then nothing may be asked for with its token. */
  async #forgetWhenReturned(claim: Claim): Promise<void> {
    const returned = await Promise.all(claim.standings.map((standing) => standing.returned))
    const id = idOf(claim.key, claim.token)
    if (claim.closed && returned.every(Boolean) && this.#claims.get(id) === claim) {
      this.#claims.delete(id)
    }
  }

  async #undone(): Promise<void> {
    const standings = [...this.#claims.values()].flatMap((claim) => claim.standings)
    await Promise.all(standings.map(({ returned }) => returned))
    await Promise.all(this.#nodes.map(({ undo }) => undo.answered()))
  }
}

const idOf = (key: string, token: string): string => `${token} ${key}`

const lossOf = (votes: readonly { readonly state: string }[]): 'taken' | 'absent' =>
  votes.some(({ state }) => state === 'taken') ? 'taken' : 'absent'
