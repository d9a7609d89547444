import type { Clock } from '../clock.ts'
import type { Answer } from '../contract/answer.ts'
import type {
  AcquireReply,
  AcquireRequest,
  ExtendReply,
  ExtendRequest,
  Inspection,
  LeaseStore,
  LeaveReply,
  ListReply,
  ListRequest,
  ReleaseReply,
  ReleaseRequest,
  StealRequest,
} from '../contract/lease-store.ts'
import { withDeadline } from '../deadline.ts'
import { UnsupportedError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import { isPending } from '../is-pending.ts'
import { StoreClock } from '../store-clock.ts'

/** Deadlines after its sending in which the store may run a command: two, and the rest for clocks. */
const LATENESS = 3.1

/** A command on its way. */
export interface Sent<Reply> {
  /** On our monotonic clock, before anything was sent. */
  readonly sentAtMs: number
  /** The store time at which it is refused at the latest, where the store's time is known. */
  readonly notAfterMs: number | undefined
  /** On our clock, when it has been refused for certain; `Infinity` where nothing bounds it. */
  readonly overAtMs: number
  /** Bounded by the deadline; here already, where the store has answered at once. */
  readonly reply: Answer<Reply>
  /** Unbounded: what became of it in the end. */
  readonly outcome: Answer<Reply>
}

/** A lease store as core calls it: each command has a deadline, here and by the store's own clock. */
export class LeaseClient {
  readonly #store: LeaseStore
  readonly #clock: Clock
  readonly #storeClock: StoreClock
  readonly deadlineMs: number

  constructor(store: LeaseStore, clock: Clock, deadlineMs: number) {
    this.#store = store
    this.#clock = clock
    this.#storeClock = new StoreClock(clock)
    this.deadlineMs = deadlineMs
  }

  /** For how long at most the store keeps a lease of `ttlMs`. */
  longestMs(ttlMs: number): number {
    const { ttlResolutionMs: stepMs } = this.#store.facts
    return stepMs === 1 ? ttlMs : (Math.ceil(ttlMs / stepMs) + 1) * stepMs
  }

  /**
   * `request` is made for this sending, and changed by it: a copy would cost more than all the rest.
   * `nowMs`, here and below: our clock, if it has been read in this very turn.
   */
  acquire(
    request: AcquireRequest & { notAfterMs?: number },
    interrupt: Interrupt,
    nowMs?: number,
  ): Sent<AcquireReply> {
    const send = (notAfterMs: number | undefined) => {
      if (notAfterMs !== undefined) request.notAfterMs = notAfterMs
      return this.#store.acquire(request)
    }
    return this.#send(send, interrupt, undefined, nowMs)
  }

  /** @throws UnsupportedError when the store cannot. */
  steal(request: StealRequest, interrupt: Interrupt): Sent<AcquireReply> {
    const { steal } = this.#store
    if (!steal) throw new UnsupportedError('the store cannot take a lock from its holder')
    return this.#send(
      (notAfterMs) => steal.call(this.#store, guarded(request, notAfterMs)),
      interrupt,
    )
  }

  extend(request: ExtendRequest, interrupt?: Interrupt): Sent<ExtendReply> {
    return this.#send((notAfterMs) => this.#store.extend(guarded(request, notAfterMs)), interrupt)
  }

  /** No `notAfterMs`: a late release frees nothing but what its own token holds. */
  release(request: ReleaseRequest, nowMs?: number): Sent<ReleaseReply> {
    return this.#send(() => this.#store.release(request), undefined, undefined, nowMs)
  }

  /**
   * Ends all that a token may have in the store: its lease, and its place in the queue. Its deadline alone
   * keeps no process alive.
   */
  giveUp(request: ReleaseRequest): Sent<ReleaseReply | LeaveReply> {
    return this.#send<ReleaseReply | LeaveReply>(
      () => this.#store.leave?.(request) ?? this.#store.release(request),
      undefined,
      { background: true },
    )
  }

  inspect(key: string): Promise<Inspection> {
    const inspected = (async () => this.#store.inspect(key))()
    return withDeadline(this.#clock, this.deadlineMs, inspected)
  }

  /** @throws UnsupportedError */
  list(request: ListRequest): Promise<ListReply> {
    if (!this.#store.list) throw new UnsupportedError('the store cannot list its locks')
    return withDeadline(this.#clock, this.deadlineMs, this.#store.list(request))
  }

  #send<Reply extends Told>(
    command: (notAfterMs: number | undefined) => Answer<Reply>,
    interrupt?: Interrupt,
    timer?: { readonly background: boolean },
    sentAtMs = this.#clock.now(),
  ): Sent<Reply> {
    const notAfterMs = this.#storeClock.notAfterMs(this.deadlineMs, sentAtMs)
    const overAtMs = notAfterMs === undefined ? Infinity : sentAtMs + LATENESS * this.deadlineMs
    const answer = orRejection(command, notAfterMs)
    if (!isPending(answer)) {
      this.#storeClock.learn(answer.storeNowMs, sentAtMs, sentAtMs)
      return { sentAtMs, notAfterMs, overAtMs, reply: answer, outcome: answer }
    }
    const outcome = this.#heard(answer, sentAtMs)
    const reply = withDeadline(this.#clock, this.deadlineMs, outcome, interrupt, timer)
    return { sentAtMs, notAfterMs, overAtMs, reply, outcome }
  }

  async #heard<Reply extends Told>(answer: Promise<Reply>, sentAtMs: number): Promise<Reply> {
    const reply = await answer
    // A command may have run long after its sending: a late reply would tell a time far ahead.
    if (this.#clock.now() - sentAtMs > this.deadlineMs) return reply
    this.#storeClock.learn(reply.storeNowMs, sentAtMs)
    return reply
  }
}

/** A reply that may tell the store's time. */
interface Told {
  readonly storeNowMs?: number
}

/** A store that throws instead of rejecting rejects too. */
function orRejection<Reply>(
  command: (notAfterMs: number | undefined) => Answer<Reply>,
  notAfterMs: number | undefined,
): Answer<Reply> {
  try {
    return command(notAfterMs)
  } catch (error) {
    return Promise.reject(error)
  }
}

/** `request`, refused by the store when it comes late. */
function guarded<Request extends { readonly notAfterMs?: number }>(
  request: Request,
  notAfterMs: number | undefined,
): Request {
  // In this order: the V8 of Node 20 makes a hidden class for each object that begins with a copy and adds to it.
  return notAfterMs === undefined ? request : { notAfterMs, ...request }
}
