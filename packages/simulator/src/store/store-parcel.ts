import type { Parcel } from '../net/network.ts'
import {
  type ObservedCommand,
  STORE_OPS,
  type StoreObserver,
  type StoreOp,
} from './store-observer.ts'

const TIMER_EARLY_MS = 2

/** One command to the store on its way, with all who look on. */
export class StoreParcel<Reply> implements Parcel<Reply> {
  readonly guardable: boolean
  readonly #command: ObservedCommand
  readonly #run: () => Reply
  readonly #observer: StoreObserver
  readonly #storeTimeoutMs: number

  constructor(
    command: ObservedCommand,
    run: () => Reply,
    guardable: boolean,
    observer: StoreObserver,
    storeTimeoutMs: number,
  ) {
    this.guardable = guardable
    this.#command = command
    this.#run = run
    this.#observer = observer
    this.#storeTimeoutMs = storeTimeoutMs
    const { key, token } = command
    this.#trace(SENT, key, token)
    observer.sent(command)
  }

  get op(): StoreOp {
    return this.#command.op
  }

  execute(): Reply {
    const reply = this.#run()
    this.#trace(DONE, this.#command.token, describe(reply))
    this.#observer.executed(this.#command, reply)
    return reply
  }

  onAnswer(reply: Reply | undefined): void {
    this.#learnTime(reply)
    this.#trace(ANSWERED, this.#command.token, describe(reply))
    this.#observer.answered(this.#command, reply)
  }

  /** A reply that comes after its deadline does not count: its caller has gone. */
  #learnTime(reply: unknown): void {
    const { client, sentAtMs } = this.#command
    const told = typeof reply === 'object' && reply !== null && 'storeNowMs' in reply
    const { nowMs } = client.world
    // The timer of the deadline may go by a faster clock, and run a little early.
    const dueMs = sentAtMs + this.#storeTimeoutMs * 0.99 - TIMER_EARLY_MS
    if (told && nowMs < dueMs) client.toldTimeAtMs = nowMs
  }

  #trace(verb: Record<StoreOp, string>, subject: string, detail: string): void {
    const { client, op } = this.#command
    client.world.trace.add(client.world.nowMs, client.id, verb[op], subject, detail)
  }
}

const labels = (verb: string) =>
  Object.fromEntries(STORE_OPS.map((op) => [op, `${verb} ${op}`])) as Record<StoreOp, string>

const SENT = labels('send')
const DONE = labels('did')
const ANSWERED = labels('got')

export function describe(reply: unknown): string {
  if (typeof reply !== 'object' || reply === null) return String(reply)
  if (Array.isArray(reply)) return reply[0]?.version ?? 'nothing'
  return 'state' in reply ? String(reply.state) : ''
}
