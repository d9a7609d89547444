import { connect, type Socket } from 'node:net'
import { DelayLine } from './delay-line.ts'

/** The faults in force; shared by all connections and read for every chunk. */
export interface Faults {
  delayMs: number
  dropReplies: boolean
  blackHole: boolean
}

/** Bytes that came in, whether or not they were passed on. */
export interface Traffic {
  requestBytes: number
  replyBytes: number
}

type Item = Buffer | 'end' | 'reset'

/** One client's connection through the proxy, with its counterpart to the server. */
export class ProxyConnection {
  readonly #faults: Faults
  readonly #client: Socket
  readonly #server: Socket
  readonly #requests: DelayLine<Item>
  readonly #replies: DelayLine<Item>
  /** Resolves when both sides are closed. */
  readonly closed: Promise<unknown>

  constructor(client: Socket, targetPort: number, faults: Faults, traffic: Traffic) {
    this.#faults = faults
    this.#client = client
    const target = { port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }
    this.#server = connect(target)
    this.#requests = new DelayLine((item) => pass(item, this.#server))
    this.#replies = new DelayLine((item) => pass(item, this.#client))
    this.closed = Promise.all([closeOf(client), closeOf(this.#server)])
    this.applyHold()
    client.on('data', (chunk) => {
      traffic.requestBytes += chunk.length
    })
    this.#server.on('data', (chunk) => {
      traffic.replyBytes += chunk.length
    })
    this.#forward(client, this.#requests, () => true)
    this.#forward(this.#server, this.#replies, () => !faults.dropReplies)
  }

  /** Begins or ends the black hole on this connection. */
  applyHold(): void {
    this.#requests.hold(this.#faults.blackHole)
    this.#replies.hold(this.#faults.blackHole)
  }

  /** RST to the client; what is still under way is lost. */
  reset(): void {
    this.#requests.clear()
    this.#replies.clear()
    if (!this.#client.destroyed) abort(this.#client)
    this.#server.destroy()
  }

  #forward(from: Socket, line: DelayLine<Item>, wanted: () => boolean): void {
    const push = (item: Item) => line.push(item, this.#faults.delayMs)
    from.on('data', (chunk) => {
      if (wanted()) push(chunk)
    })
    from.on('end', () => push('end'))
    from.on('error', () => push('reset'))
  }
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

/** RST, unless a FIN is just being sent: Node would fail, and never say that the socket is closed. */
function abort(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}

function pass(item: Item, to: Socket): void {
  if (to.destroyed) return
  if (item === 'end') to.end()
  else if (item === 'reset') abort(to)
  else to.write(item)
}
