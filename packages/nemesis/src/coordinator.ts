import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { freemem } from 'node:os'
import { type Recorder, sharedClock } from '@locks/history'
import { GuardedResource } from './guarded-resource.ts'
import { LineSocket } from './line-socket.ts'
import type { Contents, Order, Question, Report } from './messages.ts'

const MB = 2 ** 20

/** A lock that a worker says it holds. */
export interface Holding {
  readonly worker: string
  readonly lock: string
  readonly token: string
  readonly forMs: number
  /** When we heard of it. */
  readonly sinceMs: number
}

type Connection = LineSocket<Report, Order>

/** Keeps what the locks guard, and knows who holds what. No fault touches it. */
export class Coordinator implements Disposable {
  /** Where workers find it. */
  readonly socket: string
  readonly surprises: string[] = []
  readonly #recorder: Recorder
  readonly #resources = new Map<string, GuardedResource>()
  readonly #server: Server
  readonly #workers = new Map<string, Connection>()
  readonly #holdings = new Map<string, Holding>()
  readonly #listeners = new Set<() => void>()
  readonly #seen = new Set<string>()
  #handOvers = 0
  #dead: Error | undefined
  readonly #weights = new Map<string, string>()

  private constructor(recorder: Recorder, socket: string) {
    this.#recorder = recorder
    this.socket = socket
    this.#server = createServer((socket) => {
      let worker = ''
      const lines: Connection = new LineSocket(socket, (report) => {
        if (report.is === 'ready') worker = report.worker
        this.#hear(worker, lines, report)
      })
      socket.once('close', () => this.#forget(worker))
    })
  }

  /** `socket`: a path, which any network namespace can reach. */
  static async open(recorder: Recorder, socket: string): Promise<Coordinator> {
    const coordinator = new Coordinator(recorder, socket)
    await once(coordinator.#server.listen(socket), 'listening')
    return coordinator
  }

  get holdings(): readonly Holding[] {
    return [...this.#holdings.values()]
  }

  order(worker: string, order: Order): void {
    this.#workers.get(worker)?.send(order)
  }

  /**
   * Resolves when it is so; looks whenever a worker has said something.
   * @throws when a worker has ended that nobody has killed: with fewer of them it might never be so.
   */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#dead) throw this.#dead
      await new Promise<void>((resolve) => this.#listeners.add(resolve))
    }
  }

  /** Whether the worker has said this, once at least. */
  hasSaid(worker: string, is: Report['is']): boolean {
    return this.#seen.has(`${worker} ${is}`)
  }

  /** A worker has ended that nobody has killed. The first one counts. */
  bury(worker: string, how: string): void {
    const weight = this.#weights.get(worker) ?? 'it has not said what it weighs'
    const freeMb = Math.round(freemem() / MB)
    this.#dead ??= new Error(
      `${worker} has ended by itself (${weight}, ${freeMb} MB free on the machine): ${how}`,
    )
    this.#tell()
  }

  /** What has become of a worker that has ended by itself, if one has. */
  get dead(): Error | undefined {
    return this.#dead
  }

  /** Of the resource that takes writes without a fence, and of the one that refuses some. */
  accesses(): { readonly lostUpdates: number; readonly refusedByFence: number } {
    const sum = { lostUpdates: 0, refusedByFence: 0 }
    for (const { lostUpdates, refused } of this.#resources.values()) {
      sum.lostUpdates += lostUpdates
      sum.refusedByFence += refused
    }
    return sum
  }

  /** To be called when all workers have finished: what the resources contain in the end is on record then. */
  takeStock(): void {
    for (const { contents, isFenced } of this.#resources.values()) {
      if (isFenced) this.#noteSet(contents)
    }
  }

  [Symbol.dispose](): void {
    this.#server.close()
    for (const worker of this.#workers.values()) worker.close()
  }

  #hear(worker: string, connection: Connection, report: Report): void {
    this.#seen.add(`${worker} ${report.is}`)
    if (report.is === 'ready') this.#workers.set(worker, connection)
    else if (report.is === 'holds') {
      this.#holdings.set(report.token, { ...report, worker, sinceMs: sharedClock.now() })
    } else if (report.is === 'parts') this.#holdings.delete(report.token)
    else if (report.is === 'weighs') {
      this.#weights.set(worker, `${report.residentMb} MB, ${report.heapMb} of them heap`)
    } else if (report.is === 'surprised') this.surprises.push(`${worker}: ${report.by}`)
    else if (report.is === 'hands-over') this.#handOver(worker, report)
    else if (report.is === 'question') {
      connection.send({ do: 'answer', id: report.id, answer: this.#answer(report.question) })
    }
    this.#tell()
  }

  #tell(): void {
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }

  #answer(question: Question): Contents | undefined {
    const { lock, fence, write } = question
    const resource = this.#resources.get(lock) ?? new GuardedResource(lock)
    this.#resources.set(lock, resource)
    const before = resource.contents
    const answer = resource.answer(question)
    if (!write && answer && fence !== undefined) {
      this.#recorder.note('read-counter', { counter: lock }, { is: 'seen', value: answer.fenced })
      if (answer.set.name !== before.set.name) this.#noteSet(before)
    }
    return answer
  }

  #noteSet({ set }: Contents): void {
    if (set.elements.length === 0) return
    this.#recorder.note('read-set', { set: set.name }, { is: 'seen', elements: set.elements })
  }

  #handOver(from: string, { grant, lock }: Report & { is: 'hands-over' }): void {
    const others = [...this.#workers].filter(([worker]) => worker !== from)
    const [, heir] = others[this.#handOvers++ % others.length] ?? [...this.#workers][0] ?? []
    heir?.send({ do: 'adopt', grant, lock })
  }

  #forget(worker: string): void {
    this.#workers.delete(worker)
    for (const [token, holding] of this.#holdings) {
      if (holding.worker === worker) this.#holdings.delete(token)
    }
  }
}
