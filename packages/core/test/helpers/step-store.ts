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
} from '../../src/contract/lease-store.ts'
import {
  freeLease,
  type LeaseEnvironment,
  type LeaseState,
  type LeaseStep,
  leaseStep,
} from '../../src/spec/index.ts'
import type { ManualClock } from './manual-clock.ts'

export type CommandName = 'acquire' | 'extend' | 'release' | 'inspect'

/** What happens to one command. */
export interface Fault {
  /** From the sending to the running; `null` = it never arrives. */
  readonly requestMs?: number | null
  /** From the running to the answer; `null` = it gets none. */
  readonly replyMs?: number | null
  /** Runs once more, this long after it ran. */
  readonly againMs?: number
  /** The answer is this rejection. */
  readonly error?: unknown
  /** The call itself throws, before anything is sent. */
  readonly thrown?: unknown
  /** The answer, whatever the store would say; nothing runs. */
  readonly answer?: object
}

export const fault = {
  dropRequest: { requestMs: null },
  dropReply: { replyMs: null },
  /** Runs in time, and the answer comes after `ms`. */
  slowReply: (ms: number): Fault => ({ replyMs: ms }),
  /** Runs only after `ms`, and is answered at once then. */
  runLate: (ms: number): Fault => ({ requestMs: ms }),
  /** Runs only after `ms`, and is never answered. */
  runLateUnseen: (ms: number): Fault => ({ requestMs: ms, replyMs: null }),
  runTwice: (againMs: number): Fault => ({ againMs }),
  reject: (error: unknown): Fault => ({ requestMs: null, error }),
  runThenReject: (error: unknown): Fault => ({ error }),
  throwSync: (thrown: unknown): Fault => ({ thrown }),
  answer: (answer: object): Fault => ({ answer }),
} as const

export interface LoggedCommand {
  readonly command: CommandName
  readonly key: string
  readonly token: string | undefined
  readonly ttlMs: number | undefined
  readonly notAfterMs: number | undefined
  readonly sentAtMs: number
  /** When it ran in the store, by the client's clock; the latest, if it ran twice. */
  ranAtMs?: number
  reply?: unknown
}

type Requested = Partial<AcquireRequest> & { readonly key: string }

/** A store that executes the specification, on a manual clock, and fails as it is told to. */
export class StepStore implements LeaseStore {
  readonly facts: LeaseFacts = {
    ttlResolutionMs: 1,
    durability: 'process',
    fencing: true,
    fenceBlocks: true,
    exclusive: true,
  }
  /** All commands, in the order of their sending. */
  readonly log: LoggedCommand[] = []
  /** From the sending to the running, and from there to the answer, where no fault says otherwise. */
  requestMs = 0
  replyMs = 0
  /** Happens to every command; `undefined` = nothing. */
  standingFault: Fault | undefined
  /** Happens to a command for which nothing else was said; drawn for each. */
  drawFault: () => Fault | undefined = () => undefined
  /** What `close` does. */
  onClose: () => Promise<void> = async () => {}
  closeCount = 0
  /** Whether replies tell the store's time. */
  tellsTime = true

  readonly #clock: ManualClock
  readonly #states = new Map<string, LeaseState>()
  readonly #faults: { readonly command: CommandName | undefined; readonly fault: Fault }[] = []
  /** The store's clock runs on its own, far from the client's. */
  #offsetMs = 3_000_000

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  /** The next command, or the next `command`, fails so. Several faults are used up one by one. */
  next(fault: Fault, command?: CommandName): void {
    this.#faults.push({ command, fault })
  }

  sent(command?: CommandName): readonly LoggedCommand[] {
    return this.log.filter((entry) => command === undefined || entry.command === command)
  }

  /** The tokens that hold `key` now, as the store sees it. */
  holders(key: string): readonly string[] {
    return this.#inspect(key).holders.map((holder) => holder.token)
  }

  /** How long the first holder's lease still lasts in the store; 0 = nobody holds it. */
  remainingMs(key: string): number {
    return this.#inspect(key).holders[0]?.remainingMs ?? 0
  }

  /** Somebody else gets `key` in the proper way. */
  occupy(key: string, token: string, ttlMs: number): void {
    const { reply } = leaseStep.acquire(this.#state(key), { token, ttlMs }, this.#env())
    if (reply.state !== 'granted') throw new Error(`${key} is ${reply.state}`)
  }

  vacate(key: string, token: string): void {
    leaseStep.release(this.#state(key), { token }, this.#env())
  }

  /** The store loses the key: an eviction, a restart. */
  forget(key: string): void {
    this.#states.delete(key)
  }

  stepClock(ms: number): void {
    this.#offsetMs += ms
  }

  nowMs(): number {
    return this.#clock.now() + this.#offsetMs
  }

  acquire(request: AcquireRequest): Promise<AcquireReply> {
    return this.#call('acquire', request, leaseStep.acquire)
  }

  extend(request: ExtendRequest): Promise<ExtendReply> {
    return this.#call('extend', request, leaseStep.extend)
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#call('release', request, leaseStep.release)
  }

  inspect(key: string): Promise<Inspection> {
    return this.#call('inspect', { key }, (state, _request, env) => leaseStep.inspect(state, env))
  }

  close(): Promise<void> {
    this.closeCount++
    return this.onClose()
  }

  #call<Request extends Requested, Reply extends object>(
    command: CommandName,
    request: Request,
    step: (state: LeaseState, request: Request, env: LeaseEnvironment) => LeaseStep<Reply>,
  ): Promise<Reply> {
    const now: Fault = this.standingFault ?? this.#take(command) ?? this.drawFault() ?? {}
    const { key, token, ttlMs, notAfterMs } = request
    const entry = { command, key, token, ttlMs, notAfterMs, sentAtMs: this.#clock.now() }
    const logged: LoggedCommand = entry
    this.log.push(logged)
    if ('thrown' in now) throw now.thrown
    if (now.answer) return Promise.resolve(now.answer as Reply)

    const { requestMs = this.requestMs, replyMs = this.replyMs, againMs } = now
    return new Promise<Reply>((resolve, reject) => {
      const answer = (reply: Reply) => {
        logged.reply = reply
        if ('error' in now) reject(now.error)
        else resolve(reply)
      }
      const run = () => {
        logged.ranAtMs = this.#clock.now()
        return this.#told(step(this.#state(key), request, this.#env()).reply)
      }
      if (requestMs === null) {
        if ('error' in now) reject(now.error)
        return
      }
      this.#later(requestMs, () => {
        const reply = run()
        if (replyMs !== null) this.#later(replyMs, () => answer(reply))
        if (againMs !== undefined) this.#later(againMs, run)
      })
    })
  }

  #take(command: CommandName): Fault | undefined {
    const index = this.#faults.findIndex((one) => (one.command ?? command) === command)
    return index < 0 ? undefined : this.#faults.splice(index, 1)[0]?.fault
  }

  #told<Reply extends object>(reply: Reply): Reply {
    if (this.tellsTime || !('storeNowMs' in reply)) return reply
    const { storeNowMs, ...timeless } = reply
    return timeless as Reply
  }

  #later(ms: number, action: () => void): void {
    if (ms === 0) action()
    else this.#clock.after(ms, action)
  }

  #inspect(key: string): Inspection {
    return leaseStep.inspect(this.#state(key), this.#env()).reply
  }

  #state(key: string): LeaseState {
    let state = this.#states.get(key)
    if (!state) {
      state = freeLease()
      this.#states.set(key, state)
    }
    return state
  }

  #env(): LeaseEnvironment {
    return { nowUs: Math.round(this.nowMs() * 1000), alive: () => true }
  }
}
