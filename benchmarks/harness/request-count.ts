import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { RespConnection } from '@locks/test-servers'

/** Connecting, listening and uploading scripts happen once and are no requests. */
const setUp = new Set(
  ['auth', 'client', 'echo', 'hello', 'info', 'monitor', 'script', 'select', 'subscribe'].concat([
    'unsubscribe',
  ]),
)

/**
 * Counts the commands that clients send, by MONITOR: unlike the command statistics of INFO it tells
 * them from those that scripts run inside the server.
 */
export class RequestCount implements Disposable {
  readonly #socket: Socket
  readonly #control: RespConnection
  #counts = new Map<string, number>()
  #markers = 0
  #onEcho: (marker: string) => void = () => {}
  #rest = ''

  private constructor(socket: Socket, control: RespConnection) {
    this.#socket = socket
    this.#control = control
    socket.on('data', (chunk) => this.#read(chunk.toString('latin1')))
    socket.on('error', () => {})
  }

  static async open(port: number): Promise<RequestCount> {
    const socket = connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    socket.write('MONITOR\r\n')
    const count = new RequestCount(socket, await RespConnection.open(port))
    await count.take()
    return count
  }

  /** What came since the last call, by command. Everything answered by now is in it. */
  async take(): Promise<ReadonlyMap<string, number>> {
    const marker = `locks-benchmark-${++this.#markers}`
    const seen = new Promise<void>((resolve) => {
      this.#onEcho = (line) => line.includes(`"${marker}"`) && resolve()
    })
    // Repeated, because the first may come before MONITOR itself has run.
    const timer = setInterval(() => void this.#control.call('ECHO', marker).catch(() => {}), 50)
    await this.#control.call('ECHO', marker)
    await seen
    clearInterval(timer)
    const counts = this.#counts
    this.#counts = new Map()
    return counts
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
    this.#control.close()
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\r\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#count(line)
  }

  /** `+1700000000.123456 [0 127.0.0.1:1234] "SET" "key" …`; of a script: `[0 lua]`. */
  #count(line: string): void {
    const end = line.indexOf('] "')
    if (end < 0 || line.startsWith(' lua', end - 4)) return
    const name = line.slice(end + 3, line.indexOf('"', end + 3)).toLowerCase()
    if (name === 'echo') this.#onEcho(line)
    if (!setUp.has(name)) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }
}

export function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
