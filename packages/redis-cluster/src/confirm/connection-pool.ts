import type { OwnConnection } from './own-connection.ts'

/** WAIT blocks its connection, so each confirmation under way has one for itself. */
const SIZE_MAX = 8

/** The connections of our own to one master. */
export class ConnectionPool {
  readonly #open: () => Promise<OwnConnection>
  readonly #idle: OwnConnection[] = []
  readonly #waiting: (() => void)[] = []
  #size = 0
  #isClosed = false

  constructor(open: () => Promise<OwnConnection>) {
    this.#open = open
  }

  /** Lends one for the length of the task; others may have to wait for it. */
  async use<T>(task: (connection: OwnConnection) => Promise<T>): Promise<T> {
    while (this.#idle.length === 0 && this.#size >= SIZE_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    const connection = await this.#take()
    try {
      return await task(connection)
    } finally {
      if (connection.isBroken || this.#isClosed) this.#drop(connection)
      else this.#idle.push(connection)
      this.#waiting.shift()?.()
    }
  }

  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle.splice(0)) this.#drop(connection)
  }

  async #take(): Promise<OwnConnection> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (!idle.isBroken) return idle
      this.#drop(idle)
    }
    this.#size++
    try {
      return await this.#open()
    } catch (error) {
      this.#size--
      this.#waiting.shift()?.()
      throw error
    }
  }

  #drop(connection: OwnConnection): void {
    this.#size--
    connection.close()
  }
}
