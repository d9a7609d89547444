import { knowsHolder } from '../lua.gen.ts'
import type { OwnConnection } from './own-connection.ts'

/** A lease as a master has just written it. */
export interface WrittenLease {
  /** As it is in the store. */
  readonly key: string
  readonly token: string
  /** By the clock of the master; replicas have this number from it. */
  readonly endsAtMs: number
}

/** One replica, read by a connection of our own that is opened when needed. */
export class Replica {
  readonly #open: () => Promise<OwnConnection>
  #connection: Promise<OwnConnection> | undefined

  constructor(open: () => Promise<OwnConnection>) {
    this.#open = open
  }

  /** Whether it knows the holder as it was written, with time left by its own clock. */
  async knows({ key, token, endsAtMs }: WrittenLease): Promise<boolean> {
    this.#connection ??= this.#open()
    const opening = this.#connection
    try {
      const connection = await opening
      const args = [key, token, String(endsAtMs)]
      const remaining = await connection.call(['EVAL_RO', knowsHolder.source, '1', ...args])
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
