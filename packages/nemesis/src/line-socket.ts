import type { Socket } from 'node:net'

/** JSON messages over a connection, a line each. */
export class LineSocket<In, Out> {
  readonly #socket: Socket
  #unread = ''

  constructor(socket: Socket, onMessage: (message: In) => void) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('utf8')
    // The other side may be killed at any time: its end is seen by who waits for it.
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const lines = (this.#unread + String(chunk)).split('\n')
      this.#unread = lines.pop() ?? ''
      for (const line of lines) onMessage(JSON.parse(line) as In)
    })
  }

  send(message: Out): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(message)}\n`)
  }

  close(): void {
    this.#socket.destroy()
  }
}
