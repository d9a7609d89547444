import type {
  CacheStore,
  CommitRequest,
  CompareAndSetReply,
  CompareAndSetRequest,
  ListReply,
  ListRequest,
  LoadLeaseReply,
  LoadLeaseRequest,
  StoredEntry,
  WriteReply,
  WriteRequest,
} from '@locks/core'
import { type CacheState, cacheStep } from '@locks/core/spec'
import type { FakeStore } from './fake-store.ts'

export type Command = Exclude<keyof CacheStore, 'facts' | 'close'>

/** What becomes of one command. */
export interface Fault {
  /** `request`: it never runs. `reply`: it runs and nobody hears of it. */
  readonly lose?: 'request' | 'reply'
  /** It runs this much later. */
  readonly requestMs?: number
  /** Its reply comes this much later. */
  readonly replyMs?: number
  /** It is refused without having run. */
  readonly reject?: unknown
  /** As `reject`, by an exception instead of a rejection. */
  readonly throws?: unknown
}

/** A command as it left a process. */
export interface Sent {
  readonly command: Command
  readonly key: string
  readonly atMs: number
  readonly request: unknown
}

/** A command that has arrived at the store and runs when it is let through. */
export interface Held {
  readonly arrived: Promise<void>
  release(): void
}

/** The store as one process sees it: a log of what it sent, and faults on its own wire only. */
export class StoreLink implements CacheStore {
  readonly facts = { ttlResolutionMs: 1, valueBytesMax: 1_000_000, clock: true }
  readonly sent: Sent[] = []
  readonly #store: FakeStore
  readonly #faults: { readonly command: Command; readonly fault: Fault }[] = []
  readonly #gates: { readonly command: Command; readonly arrive: () => Promise<void> }[] = []
  #always: ((command: Command) => Fault | undefined) | undefined

  constructor(store: FakeStore) {
    this.#store = store
  }

  /** The next `command` that has no fault yet meets this one. */
  once(command: Command, fault: Fault): void {
    this.#faults.push({ command, fault })
  }

  /** Every command meets the fault chosen for it; `undefined` ends that. */
  always(choose: ((command: Command) => Fault | undefined) | undefined): void {
    this.#always = choose
  }

  /** From now on nothing this process says arrives: it has crashed, or is cut off. */
  sever(): void {
    this.always(() => ({ lose: 'request' }))
  }

  /** The next `command` waits at the store's door. */
  hold(command: Command): Held {
    let arrived = () => {}
    let release = () => {}
    const opened = new Promise<void>((resolve) => {
      release = resolve
    })
    const held: Held = {
      arrived: new Promise((resolve) => {
        arrived = resolve
      }),
      release: () => release(),
    }
    const arrive = () => {
      arrived()
      return opened
    }
    this.#gates.push({ command, arrive })
    return held
  }

  count(command: Command): number {
    return this.sentOf(command).length
  }

  sentOf(command: Command): readonly Sent[] {
    return this.sent.filter((sent) => sent.command === command)
  }

  commands(): Command[] {
    return this.sent.map(({ command }) => command)
  }

  read(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    const now = () => this.#store.nowMs()
    return this.#send('read', keys, () => keys.map((key) => cacheStep.read(this.#of(key), now())))
  }

  lease(request: LoadLeaseRequest): Promise<LoadLeaseReply> {
    const { key } = request
    const run = () => cacheStep.lease(this.#of(key), request, this.#store.nowMs())
    return this.#send('lease', request, run)
  }

  renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    const run = () => cacheStep.renew(this.#of(key), token, leaseMs, this.#store.nowMs())
    return this.#send('renew', { key, token, leaseMs }, run)
  }

  commit(request: CommitRequest): Promise<boolean> {
    const { key } = request
    const run = () => cacheStep.commit(this.#of(key), request, this.#store.nowMs())
    return this.#send('commit', request, run)
  }

  fail(key: string, token: string, reason: string, keepMs: number): Promise<void> {
    const run = () => cacheStep.fail(this.#of(key), token, reason, keepMs, this.#store.nowMs())
    return this.#send('fail', { key, token, reason, keepMs }, run)
  }

  write(request: WriteRequest): Promise<WriteReply> {
    const { key } = request
    const run = () => cacheStep.write(this.#of(key), request, this.#store.nowMs())
    return this.#send('write', request, run)
  }

  compareAndSet(request: CompareAndSetRequest): Promise<CompareAndSetReply> {
    const { key } = request
    const run = () => cacheStep.compareAndSet(this.#of(key), request, this.#store.nowMs())
    return this.#send('compareAndSet', request, run)
  }

  remove(keys: readonly string[]): Promise<number> {
    const gone = (key: string) => cacheStep.remove(this.#of(key), this.#store.nowMs())
    return this.#send('remove', keys, () => keys.filter(gone).length)
  }

  listEntries(request: ListRequest): Promise<ListReply> {
    return this.#send('listEntries', { ...request, key: request.prefix }, () =>
      this.#store.list(request),
    )
  }

  #of(key: string): CacheState {
    return this.#store.state(key)
  }

  #send<T>(command: Command, request: unknown, run: () => T): Promise<T> {
    const key = Array.isArray(request) ? request[0] : (request as { key: string }).key
    this.sent.push({ command, key, atMs: this.#store.clock.now(), request })
    const fault = this.#faultFor(command)
    if ('throws' in fault) throw fault.throws
    return this.#carry(command, fault, run)
  }

  async #carry<T>(command: Command, fault: Fault, run: () => T): Promise<T> {
    if ('reject' in fault) throw fault.reject
    if (fault.lose === 'request') return new Promise(() => {})
    if (fault.requestMs) await this.#pass(fault.requestMs)
    const gate = this.#gates.find((held) => held.command === command)
    if (gate) {
      this.#gates.splice(this.#gates.indexOf(gate), 1)
      await gate.arrive()
    }
    const reply = run()
    if (fault.lose === 'reply') return new Promise(() => {})
    if (fault.replyMs) await this.#pass(fault.replyMs)
    return reply
  }

  #faultFor(command: Command): Fault {
    const index = this.#faults.findIndex((planned) => planned.command === command)
    if (index < 0) return this.#always?.(command) ?? {}
    const [planned] = this.#faults.splice(index, 1)
    return planned?.fault ?? {}
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.#store.clock.after(ms, resolve))
  }
}
