import type { Socket } from 'node:net'
import { type Clock, StoreUnavailableError } from '@locks/core'
import { type Command, UNEXPECTED } from './dialect.ts'
import { ReplyParser, type WireReply } from './reply-parser.ts'
import { UnexpectedReplyError } from './unexpected-reply-error.ts'

/** A command that was sent and has no answer yet. */
interface Sent {
  answer(reply: WireReply): void
  fail(error: Error): void
}

/**
 * Commands over one socket, answered in the order they were sent. It breaks for good, and everything
 * unanswered fails, when the socket does, when an answer does not come in time, and when one comes that
 * its command does not have: from there on it is unknown which answer belongs to what.
 */
export class WireConnection {
  /** Stands for this connection in what is known of it only while it lasts. */
  readonly identity = Symbol('connection')
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #parser = new ReplyParser()
  readonly #sent: Sent[] = []
  #broken: StoreUnavailableError | undefined
  #onIdle: (() => void) | undefined

  constructor(socket: Socket, clock: Clock, timeoutMs: number) {
    this.#socket = socket
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    socket.setNoDelay(true)
    socket.unref()
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => this.break(gone('memcached cannot be reached')))
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
      const settled = () => {
        cancel()
        if (this.#sent.length === 0) this.#rest()
      }
      const cancel = this.#clock.after(this.#timeoutMs, () =>
        this.break(gone(`memcached did not answer within ${this.#timeoutMs} ms`)),
      )
      this.#sent.push({
        answer: (reply) => {
          settled()
          const result = read(reply)
          if (result !== UNEXPECTED) return resolve(result)
          const error = errorOf(reply)
          reject(error)
          if (error instanceof UnexpectedReplyError) this.break(error)
        },
        fail: (error) => {
          settled()
          reject(error)
        },
      })
      // An idle connection keeps no process alive, one with a question does.
      this.#socket.ref()
      this.#socket.write(text)
    })
  }

  /** Resolves when nothing is unanswered; at the latest with the deadline of what was sent last. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#sent.length === 0) return resolve()
      this.#onIdle = resolve
    })
  }

  /** Ends it; what is unanswered may have been carried out or not. */
  break(why: StoreUnavailableError): void {
    if (this.#broken) return
    this.#broken = why
    this.#socket.destroy()
    for (const each of this.#sent.splice(0)) each.fail(why)
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
    const asked = this.#sent.shift()
    if (asked) asked.answer(reply)
    else this.break(errorOf(reply))
  }

  #rest(): void {
    this.#socket.unref()
    this.#onIdle?.()
  }
}

const gone = (why: string) => new StoreUnavailableError(why)

/** `SERVER_ERROR` comes in step, after the data of its command was read. Of all others nobody knows. */
function errorOf({ words }: WireReply): StoreUnavailableError {
  if (words[0] !== 'SERVER_ERROR') return new UnexpectedReplyError('memcached answered out of step')
  return gone(`memcached refused a command: ${words.join(' ').slice(0, 100)}`)
}
