import type { Clock } from '../clock.ts'
import type { ReleaseReply } from '../contract/lease-store.ts'
import { isLocksError, StoreUnavailableError } from '../errors.ts'
import { Interrupt } from '../interrupt.ts'
import { validUntilMs } from '../lock/validity.ts'
import type { QuorumNode } from './quorum-node.ts'
import { Unanswered } from './unanswered.ts'
import type { AcquireVote } from './verdict.ts'

/** Nobody ends a command to a node early. */
const UNINTERRUPTED = new Interrupt()

/** What one node says to an extend. */
interface ExtendVote {
  readonly state: 'extended' | 'absent' | 'taken'
  readonly remainingMs: number
  /** It must know the token, and does not. */
  readonly hasForgotten: boolean
}

/** One owner token in one node: sends its commands, and keeps what the answers tell. */
export class Standing {
  readonly #node: QuorumNode
  readonly #clock: Clock
  readonly #lease: { readonly key: string; readonly token: string }
  readonly #unanswered: Unanswered
  /** Until then the node knows the token, or has lost what it stored. */
  #knownUntilMs = Number.NEGATIVE_INFINITY
  /** The node may hold something for the token. */
  #mayHold = false
  /** Given back: whether the node has answered that it holds nothing any more. */
  #returning: Promise<boolean> | undefined
  /** It is given back again and again, until its TTL is over. */
  #isRepeating = false

  constructor(node: QuorumNode, clock: Clock, key: string, token: string) {
    this.#node = node
    this.#clock = clock
    this.#lease = { key, token }
    this.#unanswered = new Unanswered(clock)
  }

  /** Asks for the lease in an acquisition. @throws StoreUnavailableError also while the node is out. */
  async vote(ttlMs: number): Promise<AcquireVote> {
    this.#node.assertIn()
    const returning = this.#returning
    // Who asks again with the token that was refused must not be hit by what takes the first try back.
    if (returning && !(await returning)) {
      throw new StoreUnavailableError('an earlier try is still being taken back')
    }
    // The other nodes have decided meanwhile: nobody would take back what is asked for now.
    if (this.#returning !== returning) throw new StoreUnavailableError('the try is over')
    this.#returning = undefined
    return this.ask(ttlMs)
  }

  /** Asks for the lease. @throws StoreUnavailableError */
  async ask(ttlMs: number): Promise<AcquireVote> {
    this.#mayHold = true
    const mayRunBehind = this.#unanswered.mayAcquire
    const sent = this.#node.leases.acquire({ ...this.#lease, ttlMs }, UNINTERRUPTED)
    const leastMs = this.#unanswered.addAcquire(sent, ttlMs)
    try {
      const reply = await sent.reply
      if (reply.state === 'granted') return this.#granted(sent.sentAtMs, reply, leastMs)
      // The client may have sent it twice, and the first may have run.
      if (reply.state === 'late') throw late()
      this.#refused(mayRunBehind)
      return reply
    } catch (error) {
      if (!isLocksError(error) || error.code !== 'CONFLICT') throw error
      this.#refused(mayRunBehind)
      return { state: 'foreign', error }
    }
  }

  /** `from`: the token that the lease is handed over by. @throws StoreUnavailableError */
  async extend(ttlMs: number, from?: string): Promise<ExtendVote> {
    this.#mayHold = true
    const shorter = this.#unanswered.shorterThan(ttlMs)
    if (shorter) {
      await shorter
      if (this.#returning) throw new StoreUnavailableError('the lease is being given back')
    }
    const mayRunBehind = this.#unanswered.mayAcquire
    const { key, token } = this.#lease
    const tokens = from === undefined ? { token } : { token: from, newToken: token }
    const sent = this.#node.leases.extend({ key, ...tokens, ttlMs })
    const leastMs = this.#unanswered.add(sent, ttlMs)
    // Should it make the lease shorter, the node may be right not to know it any more.
    this.#knownUntilMs = Math.min(this.#knownUntilMs, validUntilMs(sent.sentAtMs, ttlMs, 0))
    const reply = await sent.reply
    if (reply.state === 'late') throw late()
    if (reply.state === 'extended') {
      return { ...this.#granted(sent.sentAtMs, reply, leastMs), state: 'extended' }
    }
    const hasForgotten = this.#hasForgotten(reply.state)
    this.#refused(mayRunBehind)
    return { state: reply.state, hasForgotten, remainingMs: 0 }
  }

  /** The lease is handed over to another token by a command with this outcome. */
  handOver(outcome: Promise<unknown>, ttlMs: number): void {
    const mayRunBehind = this.#unanswered.mayAcquire
    this.#returning = outcome.then(
      () => {
        this.#refused(mayRunBehind)
        return this.#takeBack(ttlMs)
      },
      () => {
        this.#mayHold = true
        return this.#takeBack(ttlMs)
      },
    )
  }

  /** Gives the lease back; what has no answer is repeated in the background. @throws StoreUnavailableError */
  async release(ttlMs: number): Promise<ReleaseReply> {
    const mayRunBehind = this.#unanswered.mayAcquire
    const reply = Promise.resolve(this.#node.leases.release(this.#lease).reply)
    this.#returning = reply.then(
      () => {
        this.#mayHold = mayRunBehind
        return this.#takeBack(ttlMs)
      },
      () => this.#repeat(ttlMs),
    )
    return reply
  }

  /** Takes back in the background what the node may hold. */
  takeBack(ttlMs: number): void {
    this.#returning = this.#takeBackBehind(this.#returning, ttlMs)
  }

  /** The node has answered that it holds nothing of what was given back; `false` = that goes on. */
  get returned(): Promise<boolean> {
    return this.#returning ?? Promise.resolve(true)
  }

  /** Not beside an earlier one, whose second release could hit a later try. */
  async #takeBackBehind(earlier: Promise<boolean> | undefined, ttlMs: number): Promise<boolean> {
    return earlier && !(await earlier) ? false : this.#takeBack(ttlMs)
  }

  /** Twice, where an acquire may run behind the first release; as a rule it has run before the second. */
  async #takeBack(ttlMs: number): Promise<boolean> {
    for (let tries = 0; tries < 2 && this.#mayHold; tries++) {
      const mayRunBehind = this.#unanswered.mayAcquire
      try {
        await this.#node.leases.release(this.#lease).reply
        this.#mayHold = mayRunBehind
      } catch {
        break
      }
    }
    return this.#repeat(ttlMs)
  }

  /** @returns whether there is nothing to repeat. */
  #repeat(ttlMs: number): boolean {
    if (!this.#mayHold) return true
    if (this.#isRepeating) return false
    this.#isRepeating = true
    this.#node.undo.start({ ...this.#lease, ttlMs }, this.#unanswered.acquires())
    return false
  }

  #granted(sentAtMs: number, reply: { readonly remainingMs: number }, leastMs: number) {
    const remainingMs = Math.min(reply.remainingMs, leastMs)
    this.#knownUntilMs = validUntilMs(sentAtMs, remainingMs, 0)
    return { state: 'granted', remainingMs, hasForgotten: false } as const
  }

  /** `mayRunBehind`: an acquire without an answer was on its way before the command that was refused. */
  #refused(mayRunBehind: boolean): void {
    this.#mayHold = mayRunBehind || this.#unanswered.mayAcquire
    this.#knownUntilMs = Number.NEGATIVE_INFINITY
  }

  /** Not when it is being given back: then a release may have overtaken the extend. */
  #hasForgotten(state: string): boolean {
    if (state !== 'absent' || this.#returning) return false
    return this.#clock.now() < this.#knownUntilMs
  }
}

const late = () => new StoreUnavailableError('the store refused a command that came late')
