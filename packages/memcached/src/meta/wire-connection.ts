import type { Socket } from 'node:net'
import { type Clock, StoreUnavailableError } from '@locks/core'
import { type Command, UNEXPECTED } from './dialect.ts'
import { firstWord, ReplyParser, type WireReply } from './reply-parser.ts'
import { UnexpectedReplyError } from './unexpected-reply-error.ts'

/** So many answered commands are kept at most. */
const FORGOTTEN_AT = 1024

/** A command that was sent and has no answer yet. */
interface Sent {
  readonly read: Command<unknown>['read']
  readonly dueMs: number
  resolve(result: never): void
  reject(error: Error): void
}

/**
 * Commands over one socket, answered in the order they were sent; those of one turn leave together. It
 * breaks for good, and everything unanswered fails, when the socket does, when an answer does not come in
 * time, and when one comes that its command does not have: from there on it is unknown which answer
 * belongs to what.
 */
export class WireConnection {
  /** Stands for this connection in what is known of it only while it lasts. */
  readonly identity = Symbol('connection')
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #parser = new ReplyParser()
  #sent: Sent[] = []
  /** How many of `#sent` are answered. */
  #answered = 0
  #unwritten = ''
  /** When what is in `#unwritten` must be answered. */
  #dueMs = 0
  #cancelTimer: (() => void) | undefined
  #broken: StoreUnavailableError | undefined
  #onIdle: (() => void) | undefined

  constructor(socket: Socket, clock: Clock, timeoutMs: number) {
    this.#socket = socket
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    socket.setNoDelay(true)
    socket.unref()
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', ({ code = 'Error' }: NodeJS.ErrnoException) =>
      this.break(gone(`memcached cannot be reached: ${code}`)),
    )
    socket.on('close', () => this.break(gone('the connection to memcached was closed')))
  }

  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /**
   * @throws StoreUnavailableError when it was not, or may not have been, carried out;
   * UnexpectedReplyError for an answer that the command does not have.
   */
  send<Result>({ text, read }: Command<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken)
      if (this.#unwritten === '') {
        process.nextTick(this.#write)
        this.#dueMs = this.#clock.now() + this.#timeoutMs
        if (this.#isIdle) this.#begin()
      }
      this.#unwritten += text
      this.#sent.push({ read, dueMs: this.#dueMs, resolve, reject })
    })
  }

  /** Resolves when nothing is unanswered; at the latest with the deadline of what was sent last. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isIdle) return resolve()
      this.#onIdle = resolve
    })
  }

  /** Ends it; what is unanswered may have been carried out or not. */
  break(why: StoreUnavailableError): void {
    if (this.#broken) return
    this.#broken = why
    this.#socket.destroy()
    const unanswered = this.#sent.slice(this.#answered)
    this.#sent = []
    this.#answered = 0
    this.#cancelTimer?.()
    if (unanswered.length > 0) this.#rest()
    for (const { reject } of unanswered) reject(why)
  }

  get #isIdle(): boolean {
    return this.#answered === this.#sent.length
  }

  readonly #write = (): void => {
    const text = this.#unwritten
    this.#unwritten = ''
    if (!this.#broken) this.#socket.write(text, 'latin1')
  }

  #receive(chunk: Buffer): void {
    if (this.#broken) return
    try {
      for (const reply of this.#parser.push(chunk)) this.#answer(reply)
    } catch {
      this.break(new UnexpectedReplyError('memcached sent what is no reply'))
    }
  }

  #answer(reply: WireReply): void {
    if (this.#broken) return
    const asked = this.#sent[this.#answered]
    if (!asked) {
      this.break(errorOf(reply))
      return
    }
    this.#answered++
    if (this.#isIdle) this.#rest()
    else if (this.#answered === FORGOTTEN_AT) this.#forget()
    const result = asked.read(reply, this.identity)
    if (result === UNEXPECTED) this.#refuse(asked, errorOf(reply))
    else asked.resolve(result as never)
  }

  #refuse({ reject }: Sent, error: StoreUnavailableError): void {
    reject(error)
    if (error instanceof UnexpectedReplyError) this.break(error)
  }

  /** An idle connection keeps no process alive, one with a question does. */
  #begin(): void {
    this.#socket.ref()
    if (!this.#cancelTimer) this.#watch(this.#timeoutMs)
  }

  /** One timer for all, since answers come in the order of the deadlines; idle it runs out. */
  #watch(delayMs: number): void {
    const look = () => {
      this.#cancelTimer = undefined
      const asked = this.#sent[this.#answered]
      if (!asked) return
      const leftMs = asked.dueMs - this.#clock.now()
      if (leftMs > 0) this.#watch(leftMs)
      else this.break(gone(`memcached did not answer within ${this.#timeoutMs} ms`))
    }
    this.#cancelTimer = this.#clock.after(delayMs, look, { background: true })
  }

  #forget(): void {
    this.#sent = this.#sent.slice(this.#answered)
    this.#answered = 0
  }

  #rest(): void {
    this.#forget()
    this.#socket.unref()
    this.#onIdle?.()
  }
}

const gone = (why: string) => new StoreUnavailableError(why)

/** `SERVER_ERROR` comes in step, after the data of its command was read. Of all others nobody knows. */
function errorOf({ line }: WireReply): StoreUnavailableError {
  if (firstWord(line) !== 'SERVER_ERROR')
    return new UnexpectedReplyError('memcached answered out of step')
  return gone(`memcached refused a command: ${line.slice(0, 100)}`)
}
