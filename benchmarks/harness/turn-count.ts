import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A way to a server that counts round trips, of one caller who does one thing at a time: how often a
 * request follows upon a reply, over whichever connection. What is sent together is one.
 */
export class TurnCount implements AsyncDisposable {
  readonly #listener: Server
  readonly #open = new Set<Socket>()
  #turns = 0
  #isAnswered = true

  private constructor(port: number) {
    this.#listener = createServer({ noDelay: true }, (client) => {
      const server = connect({ port, host: '127.0.0.1', noDelay: true })
      client.on('data', () => {
        if (this.#isAnswered) this.#turns++
        this.#isAnswered = false
      })
      server.on('data', () => {
        this.#isAnswered = true
      })
      client.pipe(server).pipe(client)
      for (const socket of [client, server]) {
        this.#open.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => this.#open.delete(socket))
      }
    })
  }

  static async open(port: number): Promise<TurnCount> {
    const count = new TurnCount(port)
    await once(count.#listener.listen(0, '127.0.0.1'), 'listening')
    return count
  }

  get port(): number {
    const address = this.#listener.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }

  /** Since the last call. */
  take(): number {
    const turns = this.#turns
    this.#turns = 0
    return turns
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, 'close')
    this.#listener.close()
    for (const socket of this.#open) socket.destroy()
    await closed
  }
}
