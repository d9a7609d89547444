import { knowsHolder } from '../lua.gen.ts'
import type { OwnConnection } from './own-connection.ts'

/** One replica, read by a connection of our own that is opened when needed. */
export class Replica {
  readonly #open: () => Promise<OwnConnection>
  #connection: Promise<OwnConnection> | undefined

  constructor(open: () => Promise<OwnConnection>) {
    this.#open = open
  }

  /** Whether it knows the token as a holder, with time left by its own clock. */
  async knows(key: string, token: string): Promise<boolean> {
    this.#connection ??= this.#open()
    const opening = this.#connection
    try {
      const connection = await opening
      const remaining = await connection.call(['EVAL_RO', knowsHolder.source, '1', key, token])
      return Number(remaining) > 0
    } catch (error) {
      if (this.#connection === opening) this.close()
      throw error
    }
  }

  close(): void {
    void this.#connection?.then((connection) => connection.close()).catch(() => {})
    this.#connection = undefined
  }
}
