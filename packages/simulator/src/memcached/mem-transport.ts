import type { MemcachedTransport, TextWrite } from '@locks/memcached'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Network } from '../net/network.ts'
import type { CurrentCommand } from './current-command.ts'
import type { MemItem } from './mem-item.ts'
import type { MemServer } from './mem-server.ts'
import type { MemStep } from './mem-step.ts'

/** An id, and the connection that told it. */
export interface MemVersion {
  readonly connection: number
  readonly cas: number
}

export interface MemLink {
  readonly client: SimClient
  readonly server: MemServer
  readonly network: Network
  /** The store's command for which those of the server are sent. */
  readonly current: CurrentCommand
  /** Whether a write tells its id. */
  readonly tells: boolean
  /** Looks on while the server executes. */
  readonly stepped: (step: MemStep) => void
}

interface Connection {
  readonly id: number
  /** Of the server that it was opened to. */
  readonly epoch: number
  readonly pending: Set<() => void>
}

/** The server has been restarted: it does not know the connection. */
const UNKNOWN = Symbol('unknown connection')

/**
 * One client's connection to memcached. When it breaks, whatever has no answer is rejected, though it may
 * run; the next command opens another one. Ids count on the connection that told them alone.
 */
export class MemTransport implements MemcachedTransport<MemVersion> {
  readonly servers = 1
  readonly keyBytesMax = 250
  readonly #link: MemLink
  #connection: Connection | undefined
  #connections = 0

  constructor(link: MemLink) {
    this.#link = link
    link.client.lines.add(this)
  }

  /** The number of the connection that is or would be used now. */
  get connection(): number {
    return this.#open().id
  }

  async get(key: string) {
    const [item, connection] = await this.#send('get', key, (server) => server.find(key))
    return item && { value: item.value, version: { connection, cas: item.cas } }
  }

  async add(write: TextWrite) {
    return this.#told(await this.#send('add', write.key, (server) => server.add(write)))
  }

  async compareAndSet(write: TextWrite, { connection, cas }: MemVersion) {
    if (!this.#isUp(connection)) return undefined
    const run = (server: MemServer) => server.compareAndSet(write, cas)
    return this.#told(await this.#send('compareAndSet', write.key, run))
  }

  async compareAndDelete(key: string, { connection, cas }: MemVersion) {
    if (!this.#isUp(connection)) return false
    const run = (server: MemServer) => server.compareAndDelete(key, cas)
    return (await this.#send('compareAndDelete', key, run))[0]
  }

  async set(write: TextWrite) {
    await this.#send('set', write.key, (server) => server.set(write))
  }

  async delete(key: string) {
    return (await this.#send('delete', key, (server) => server.delete(key)))[0]
  }

  /** The connection breaks, and the client notices. */
  drop(): void {
    const connection = this.#connection
    if (!connection) return
    this.#connection = undefined
    const { client } = this.#link
    client.trouble(client.world.nowMs + client.faults.timerLateMs + 1)
    client.world.trace.add(client.world.nowMs, client.id, 'connection closed')
    for (const reject of connection.pending) reject()
  }

  crash(): void {}

  #open(): Connection {
    const { epoch } = this.#link.server
    this.#connection ??= { id: ++this.#connections, epoch, pending: new Set() }
    return this.#connection
  }

  /** An answer without a command to the server, if not. */
  #isUp(connection: number): boolean {
    const { current } = this.#link
    if (connection === this.connection) return true
    current.follow(current.get())
    return false
  }

  #told([item, connection]: readonly [MemItem | undefined, number]) {
    if (!item) return undefined
    return this.#link.tells ? { version: { connection, cas: item.cas } } : {}
  }

  /** @returns the reply, and the connection that it came on. */
  #send<Reply>(
    verb: MemStep['verb'],
    key: string,
    run: (server: MemServer) => Reply,
  ): Promise<readonly [Reply, number]> {
    const { client, network, current } = this.#link
    const { world } = client
    const command = current.get()
    const connection = this.#open()
    world.trace.add(world.nowMs, client.id, verb, key)
    const execute = this.#execution(connection, verb, key, run)
    return new Promise((resolve, reject) => {
      const broken = () => settle(() => reject(new Error('the connection is closed')))
      const settle = (end: () => void) => {
        if (!connection.pending.delete(broken)) return
        current.follow(command)
        end()
      }
      connection.pending.add(broken)
      network.send(client, { op: verb, guardable: false, execute, onAnswer() {} }).then(
        (reply) => {
          if (reply !== UNKNOWN) settle(() => resolve([reply, connection.id]))
          else if (connection === this.#connection) this.drop()
        },
        (error) => settle(() => reject(error)),
      )
    })
  }

  #execution<Reply>(
    { epoch }: Connection,
    verb: MemStep['verb'],
    key: string,
    run: (server: MemServer) => Reply,
  ): () => Reply | typeof UNKNOWN {
    const { client, server, current, stepped } = this.#link
    const { world } = client
    const command = current.get()
    const sentAtMs = world.nowMs
    return () => {
      if (epoch !== server.epoch) return UNKNOWN
      const before = server.find(key)
      const reply = run(server)
      world.trace.add(world.nowMs, client.id, `did ${verb}`, key, command?.token)
      if (command) stepped({ command, verb, key, sentAtMs, before, after: server.find(key) })
      return reply
    }
  }
}
