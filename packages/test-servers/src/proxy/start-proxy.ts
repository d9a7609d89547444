import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { claimPort, type PortClaim } from '../processes/claim-port.ts'
import { type Faults, ProxyConnection, type Traffic } from './proxy-connection.ts'

/** Options of `startProxy`. */
export interface ProxyOptions {
  /** Loopback port of the server behind the proxy. */
  readonly port: number
}

/** A TCP proxy in this process, for the faults that lie between a client and its server. */
export interface TestProxy extends AsyncDisposable {
  readonly port: number
  /** `host:port`. */
  readonly address: string
  /** Connections that are open now. */
  readonly connections: number
  /** Connections accepted since the start. */
  readonly accepted: number
  /** Bytes received from clients, whatever became of them. */
  readonly requestBytes: number
  /** Bytes received from the server, whatever became of them. */
  readonly replyBytes: number
  /** The address as a URL: `url('redis')`. */
  url(scheme: string): string
  /** Every chunk arrives this much later, in each direction; order is kept. */
  delay(ms: number): void
  /** Requests pass, replies are swallowed. Connections in use then are out of step for good. */
  dropReplies(): void
  /**
   * Nothing passes either way and connections stay open, as in a partition. What was sent arrives
   * late, after `restore`; to lose it, `reset` before that.
   */
  blackHole(): void
  /** RST to every client. New connections are accepted. */
  reset(): void
  /** Stops listening and resets every client: connections are refused. */
  down(): Promise<void>
  /** Listens again, on the same port. */
  up(): Promise<void>
  /** Ends all faults. */
  restore(): Promise<void>
  /** Ends the proxy for good. May be called twice. */
  stop(): Promise<void>
}

/** Starts a proxy, without faults, in front of a loopback port. */
export async function startProxy(options: ProxyOptions): Promise<TestProxy> {
  const proxy = new TcpProxy(options.port, await claimPort())
  await proxy.up()
  return proxy
}

class TcpProxy implements TestProxy {
  readonly #faults: Faults = { delayMs: 0, dropReplies: false, blackHole: false }
  readonly #traffic: Traffic = { requestBytes: 0, replyBytes: 0 }
  readonly #open = new Set<ProxyConnection>()
  readonly #listener: Server
  readonly #claim: PortClaim
  #accepted = 0

  constructor(targetPort: number, claim: PortClaim) {
    this.#claim = claim
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const connection = new ProxyConnection(client, targetPort, this.#faults, this.#traffic)
      this.#accepted++
      this.#open.add(connection)
      void connection.closed.then(() => this.#open.delete(connection))
    })
  }

  get port(): number {
    return this.#claim.port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get connections(): number {
    return this.#open.size
  }

  get accepted(): number {
    return this.#accepted
  }

  get requestBytes(): number {
    return this.#traffic.requestBytes
  }

  get replyBytes(): number {
    return this.#traffic.replyBytes
  }

  url(scheme: string): string {
    return `${scheme}://${this.address}`
  }

  delay(ms: number): void {
    this.#faults.delayMs = ms
  }

  dropReplies(): void {
    this.#faults.dropReplies = true
  }

  blackHole(): void {
    this.#faults.blackHole = true
    this.#applyHold()
  }

  reset(): void {
    for (const connection of this.#open) connection.reset()
  }

  async down(): Promise<void> {
    if (!this.#listener.listening) return
    const ends = [once(this.#listener, 'close'), ...[...this.#open].map(({ closed }) => closed)]
    this.#listener.close()
    this.reset()
    await Promise.all(ends)
  }

  async up(): Promise<void> {
    if (this.#listener.listening) return
    await once(this.#listener.listen(this.port, '127.0.0.1'), 'listening')
  }

  async restore(): Promise<void> {
    Object.assign(this.#faults, { delayMs: 0, dropReplies: false, blackHole: false })
    this.#applyHold()
    await this.up()
  }

  async stop(): Promise<void> {
    await this.down()
    this.#claim[Symbol.dispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #applyHold(): void {
    for (const connection of this.#open) connection.applyHold()
  }
}
