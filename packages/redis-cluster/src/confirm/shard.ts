import { type Clock, StoreUnavailableError } from '@locks/core'
import { withDeadline } from '@locks/core/parts'
import type { ClusterDriver } from '../cluster-driver.ts'
import { ConnectionPool } from './connection-pool.ts'
import { OwnConnection } from './own-connection.ts'
import { Replica, type WrittenLease } from './replica.ts'

/** How many replicas must have a lease: a number, or with their master more than half of the shard. */
export type Confirm = 'majority' | number

/** What reading the replicas may take beyond the time that they have to catch up. */
const READ_MS = 50
/** An idle server looks at its clock ten times a second, so WAIT may end late by as much. */
const LATE_MS = 100
/** A connection without any answer for so long is given up. */
const SILENT_MS = 5_000

interface Question {
  readonly lease: WrittenLease
  readonly needed: number
  readonly leftMs: number
}

/** One master and its replicas, by connections of our own. */
export class Shard {
  readonly #driver: ClusterDriver
  readonly #address: string
  readonly #clock: Clock
  readonly #pool: ConnectionPool
  #replicas: Promise<Map<string, Replica>> | undefined

  constructor(driver: ClusterDriver, address: string, clock: Clock) {
    this.#driver = driver
    this.#address = address
    this.#clock = clock
    this.#pool = new ConnectionPool(() => OwnConnection.open(driver.open(address)))
  }

  /** Lends a connection to the master; nobody else uses it meanwhile. */
  use<T>(task: (connection: OwnConnection) => Promise<T>): Promise<T> {
    return this.#pool.use(async (connection) => {
      let isAnswered = false
      const answer = task(connection).finally(() => {
        isAnswered = true
      })
      await withDeadline(this.#clock, SILENT_MS, answer).catch((error: unknown) => {
        if (isAnswered) return
        // What it still has to answer must not be taken for the answer to somebody else.
        connection.close()
        throw error
      })
      return answer
    })
  }

  /**
   * Resolves when enough replicas have what `connection` has written, and say that they know `lease` as
   * it was written: one that lags may know the holder from before. Bounded by `withinMs` and 100 ms.
   * @throws StoreUnavailableError that says how many have confirmed, of how many needed.
   */
  async confirm(
    connection: OwnConnection,
    lease: WrittenLease,
    { confirm, withinMs }: { readonly confirm: Confirm; readonly withinMs: number },
  ): Promise<void> {
    this.#replicas ??= this.#find(connection)
    const replicas = [...(await this.#replicas).values()]
    const needed =
      confirm === 'majority' ? Math.max(1, Math.floor((replicas.length + 1) / 2)) : confirm
    const endMs = this.#clock.now() + withinMs
    const waitMs = Math.ceil(withinMs - Math.min(LATE_MS / 2, withinMs / 2))
    const written = Number(await connection.call(['WAIT', String(needed), String(waitMs)]))
    const leftMs = READ_MS + Math.max(0, endMs - this.#clock.now())
    const counted = () => this.#count(replicas, { lease, needed, leftMs })
    const knowing = written < needed ? written : await counted()
    if (knowing >= needed) return
    this.forget()
    throw new StoreUnavailableError(
      `${knowing} of the ${needed} replicas needed have confirmed the lock`,
    )
  }

  /** Looks anew which replicas there are. */
  forget(): void {
    void this.#replicas
      ?.then((replicas) => [...replicas.values()].map((replica) => replica.close()))
      .catch(() => {})
    this.#replicas = undefined
  }

  close(): void {
    this.forget()
    this.#pool.close()
  }

  /** Those that failed are among them: they are part of what a majority is the majority of. */
  async #find(connection: OwnConnection): Promise<Map<string, Replica>> {
    const id = String(await connection.call(['CLUSTER', 'MYID']))
    const lines = (await connection.call(['CLUSTER', 'REPLICAS', id])) as unknown[]
    const addresses = lines.map((line) => String(line).split(' ')[1]?.split('@')[0] ?? '')
    const replicaAt = (address: string) =>
      new Replica(() => OwnConnection.open(this.#driver.openReplica(this.#address, address)))
    return new Map(addresses.map((address) => [address, replicaAt(address)]))
  }

  /** How many replicas know the holder; settles as soon as `needed` do. */
  #count(replicas: readonly Replica[], { lease, needed, leftMs }: Question): Promise<number> {
    return new Promise<number>((resolve) => {
      let knowing = 0
      const ask = async (replica: Replica) => {
        const answer = withDeadline(this.#clock, leftMs, replica.knows(lease))
        if ((await answer.catch(() => false)) && ++knowing === needed) resolve(knowing)
      }
      void Promise.all(replicas.map(ask)).then(() => resolve(knowing))
    })
  }
}
