import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Pair } from './pair.ts'

/**
 * Nothing but a socket: commands of one turn in one write, one-line replies in order. What a client could
 * reach at best.
 */
export class RawMemcached {
  readonly #socket: Socket
  readonly #asked: ((line: string) => void)[] = []
  #unsent = ''
  #rest = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1').on('data', (text: unknown) => this.#read(String(text)))
  }

  static async open(port: number): Promise<RawMemcached> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new RawMemcached(socket)
  }

  /** `ms … ME c` and `md C`. */
  readonly pair: Pair = async (name) => {
    const value = crypto.randomUUID()
    const stored = await this.#ask(`ms ${name} ${value.length} ME T31 c\r\n${value}\r\n`)
    if (!stored.startsWith('HD c')) throw new Error(`not stored: ${stored}`)
    const removed = await this.#ask(`md ${name} C${stored.slice('HD c'.length)}\r\n`)
    if (removed !== 'HD') throw new Error(`not removed: ${removed}`)
  }

  close(): void {
    this.#socket.destroy()
  }

  #ask(command: string): Promise<string> {
    if (this.#unsent === '') process.nextTick(() => this.#flush())
    this.#unsent += command
    return new Promise((resolve) => this.#asked.push(resolve))
  }

  #flush(): void {
    this.#socket.write(this.#unsent)
    this.#unsent = ''
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\r\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#asked.shift()?.(line)
  }
}
