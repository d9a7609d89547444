import type { NodeConnection } from '../cluster-driver.ts'

/**
 * One connection from its beginning to its first interruption. WAIT counts what this very connection
 * has written: on the next one a client makes, it would confirm nothing and say that it did.
 */
export class OwnConnection {
  readonly #own: NodeConnection
  #broken: Error | undefined

  private constructor(own: NodeConnection) {
    this.#own = own
  }

  static async open(opening: Promise<NodeConnection>): Promise<OwnConnection> {
    const own = await opening
    const connection = new OwnConnection(own)
    // By itself a client would try again for ever, although the node may be gone for good.
    const failed = new Promise<never>((_, reject) => {
      own.on('error', () => reject(new Error('the node cannot be reached')))
    })
    try {
      await Promise.race([own.connect(), failed])
    } catch (error) {
      own.destroy?.()
      throw error
    }
    own.unref?.()
    own.on('reconnecting', () => connection.close())
    failed.catch(() => {})
    return connection
  }

  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /** @throws when the connection is or was interrupted meanwhile: the reply may be another one's. */
  async call(args: string[]): Promise<unknown> {
    if (this.#broken) throw this.#broken
    const reply = await this.#own.sendCommand(args, { typeMapping: { 36: Buffer } })
    if (this.#broken) throw this.#broken
    return reply
  }

  close(): void {
    if (this.#broken) return
    this.#broken = new Error('the connection was interrupted')
    try {
      this.#own.destroy?.()
    } catch {
      // Not even connected.
    }
  }
}
