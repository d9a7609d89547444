import type { Clock } from './clock.ts'
import { withDeadline } from './deadline.ts'
import { StoreUnavailableError } from './errors.ts'
import { StoreClock } from './store-clock.ts'

/** What a reply that may tell the time, and may be a refusal of what came late, looks like. */
interface Told {
  readonly state: string
  readonly storeNowMs?: number
}

type Command<Reply> = (guard: { readonly notAfterMs?: number }) => Promise<Reply>
type InTime<Reply> = Exclude<Reply, { readonly state: 'late' }>
type Around = <T>(call: () => Promise<T>) => Promise<T>

/** Calls to a store. Each has a deadline, here and, where the store tells its time, in the store. */
export class TimedCalls {
  /** What the replies have told of the store's time. */
  readonly storeClock: StoreClock
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #around: Around

  /** `around` runs each call, deadline included. */
  constructor(clock: Clock, deadlineMs: number, around: Around = (call) => call()) {
    this.storeClock = new StoreClock(clock)
    this.#clock = clock
    this.#deadlineMs = deadlineMs
    this.#around = around
  }

  /** Async inside, so that a store that throws instead of rejecting is a rejection too. */
  bounded<T>(call: () => Promise<T>): Promise<T> {
    return this.#around(() => withDeadline(this.#clock, this.#deadlineMs, (async () => call())()))
  }

  /** The command is told when it is late, and its reply tells the time. */
  async timed<Reply extends Told>(command: Command<Reply>): Promise<Reply> {
    const sentAtMs = this.#clock.now()
    const notAfterMs = this.storeClock.notAfterMs(this.#deadlineMs)
    const reply = await this.bounded(() => command(notAfterMs === undefined ? {} : { notAfterMs }))
    this.storeClock.learn(reply.storeNowMs, sentAtMs)
    return reply
  }

  /**
   * A command refused as late has done nothing but tell the time: a second one is in time.
   * @throws StoreUnavailableError unless it is.
   */
  async inTime<Reply extends Told>(command: Command<Reply>): Promise<InTime<Reply>> {
    for (let tries = 0; tries < 2; tries++) {
      const reply = await this.timed(command)
      if (reply.state !== 'late') return reply as InTime<Reply>
    }
    throw new StoreUnavailableError('the store refused a command that came late')
  }
}
