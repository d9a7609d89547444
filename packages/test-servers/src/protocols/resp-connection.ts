import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What a Redis server can reply, errors aside. */
export type RespReply = string | number | null | RespReply[]

/** An error reply of the server, as opposed to a connection that failed. */
export class RespError extends Error {}

/**
 * One bare connection to a Redis server: commands in, replies out, in order.
 *
 * The tests have to see what a server really does, without a client's queues, retries and
 * reconnections in between.
 */
export class RespConnection implements Disposable {
  readonly #socket: Socket
  readonly #pending: PromiseWithResolvers[] = []
  #unread = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#fail(new Error('The connection was closed')))
  }

  /** Connects to a loopback port; the signal closes the connection whenever it comes. */
  static async open(port: number, signal?: AbortSignal): Promise<RespConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(signal && { signal }) })
    await once(socket, 'connect')
    return new RespConnection(socket)
  }

  /** Sends one command at once, without waiting for the replies of earlier ones. */
  call(...words: readonly (string | number)[]): Promise<RespReply> {
    const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`)
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('The connection was closed'))
      this.#pending.push({ resolve, reject })
      this.#socket.write(`*${words.length}\r\n${parts.join('')}`)
    })
  }

  /** Closes the connection; calls without a reply reject. */
  close(): void {
    this.#socket.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk])
    for (;;) {
      const parsed = parse(this.#unread, 0)
      if (parsed === undefined) return
      this.#unread = this.#unread.subarray(parsed.end)
      const call = this.#pending.shift()
      if (parsed.reply instanceof RespError) call?.reject(parsed.reply)
      else call?.resolve(parsed.reply)
    }
  }

  #fail(error: Error): void {
    for (const call of this.#pending.splice(0)) call.reject(error)
  }
}

interface PromiseWithResolvers {
  resolve(reply: RespReply): void
  reject(error: Error): void
}

interface Parsed<T> {
  readonly reply: T
  readonly end: number
}

/** The reply that begins at `start`, or `undefined` when it has not arrived completely. */
function parse(data: Buffer, start: number): Parsed<RespReply | RespError> | undefined {
  const lineEnd = data.indexOf('\r\n', start)
  if (lineEnd < 0) return undefined
  const line = data.toString('utf8', start + 1, lineEnd)
  const end = lineEnd + 2
  switch (data.toString('latin1', start, start + 1)) {
    case '+':
      return { reply: line, end }
    case '-':
      return { reply: new RespError(line), end }
    case ':':
      return { reply: Number(line), end }
    case '$':
      return parseBulk(data, end, Number(line))
    default:
      return parseArray(data, end, Number(line))
  }
}

function parseBulk(data: Buffer, start: number, size: number): Parsed<RespReply> | undefined {
  if (size < 0) return { reply: null, end: start }
  const end = start + size + 2
  return end > data.length ? undefined : { reply: data.toString('utf8', start, end - 2), end }
}

function parseArray(data: Buffer, start: number, size: number): Parsed<RespReply> | undefined {
  if (size < 0) return { reply: null, end: start }
  const reply: RespReply[] = []
  let end = start
  while (reply.length < size) {
    const item = parse(data, end)
    if (item === undefined) return undefined
    reply.push(item.reply instanceof RespError ? item.reply.message : item.reply)
    end = item.end
  }
  return { reply, end }
}
