import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { runInThisContext } from 'node:vm'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals'
import { type RedisServer, RespConnection, startProxy, startRedis } from '@locks/test-servers'
import {
  createLocks,
  isLocksError,
  type Lock,
  type Locks,
  type LocksOptions,
  type RedisClient,
  redisStore,
} from '../../src/index.ts'
import { connectors } from '../clients.ts'
import { type StoredLease, storedLease } from '../stored-lease.ts'

// Jest gives tests a copy of `process`, which hears nothing of what happens to the real one.
const realProcess: NodeJS.Process = runInThisContext('process')

export type ClientKind = keyof typeof connectors

/** The key of a lock under the default prefix; `:q` and `:w` belong to it. */
export const keyOf = (name: string): string => `locks:l1:{${name}}`

/** One real server for a file, which each test finds running and empty and may harm as it likes. */
export class FaultWorld {
  readonly #ends: (() => Promise<unknown>)[] = []
  #redis: RedisServer | undefined
  #direct: RespConnection | undefined

  /** To be made at the top of a file. A rejection that nobody handles fails the test. */
  constructor() {
    const rejections: unknown[] = []
    const onRejection = (reason: unknown) => rejections.push(reason)
    beforeAll(async () => {
      this.#redis = await startRedis()
      realProcess.on('unhandledRejection', onRejection)
    })
    beforeEach(() => this.reach())
    afterEach(async () => {
      for (const end of this.#ends.splice(0).reverse()) await end()
      this.#direct?.close()
      await setImmediate()
      expect(rejections.splice(0)).toEqual([])
    })
    afterAll(async () => {
      realProcess.off('unhandledRejection', onRejection)
      await this.#redis?.stop()
    })
  }

  get redis(): RedisServer {
    if (!this.#redis) throw new Error('the server has not been started')
    return this.#redis
  }

  /** A connection that no fault of a proxy touches. */
  get direct(): RespConnection {
    if (!this.#direct) throw new Error('not connected')
    return this.#direct
  }

  /** A new direct connection to an empty server. */
  async reach(): Promise<void> {
    this.#direct?.close()
    await this.redis.restart()
    this.#direct = await RespConnection.open(this.redis.port)
  }

  /** Runs at the end of the test, latest first. */
  atEnd(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  /** The server knows all scripts of a lock: a lost reply is that of a script that has run. */
  async teachScripts(): Promise<void> {
    const locks = await this.locks()
    const lock = await locks.acquire('lesson')
    await lock.extend()
    await this.waitInVain(locks, 'lesson')
    await lock.release()
  }

  /** Stands in the queue for a held lock, and leaves it: the connection that listens is open then. */
  async waitInVain(locks: Locks, name: string): Promise<void> {
    const controller = new AbortController()
    const waiting = locks.acquire(name, { wait: Infinity, signal: controller.signal })
    const left = expect(waiting).rejects.toThrow('not wanted any more')
    await this.queued(name, 1)
    controller.abort(new Error('not wanted any more'))
    await left
    await this.queued(name, 0)
  }

  async proxy() {
    const proxy = await startProxy({ port: this.redis.port })
    this.atEnd(() => proxy.stop())
    return proxy
  }

  async connect(url = this.redis.url, kind: ClientKind = 'redis 6'): Promise<RedisClient> {
    const { client, close } = await connectors[kind](url)
    this.atEnd(close)
    return client
  }

  /** Locks on a client of their own. */
  async locks(
    options: LocksOptions = {},
    { url, kind }: { readonly url?: string; readonly kind?: ClientKind } = {},
  ): Promise<Locks> {
    return this.locksOn(await this.connect(url, kind), options)
  }

  /** A slow machine is no dead server, unless a test says how long it takes. */
  locksOn(client: RedisClient, options: LocksOptions = {}): Locks {
    const locks = createLocks(redisStore(client), { storeTimeout: '30s', ...options })
    this.atEnd(() => locks.close())
    return locks
  }

  /** Resolves when so many are queued for the lock. */
  async queued(name: string, count: number): Promise<void> {
    await until(async () => (await this.direct.call('LLEN', `${keyOf(name)}:q`)) === count)
  }

  /** Resolves when the lock has so many holders. */
  async holders(name: string, count: number): Promise<void> {
    await until(async () => (await this.stored(name)).holders.length === count)
  }

  /** The last fence that was minted for the lock. */
  async fence(name: string): Promise<number> {
    return (await this.stored(name)).lastFence
  }

  /** What the server keeps for the lock. */
  stored(name: string): Promise<StoredLease> {
    return storedLease(this.direct, keyOf(name))
  }

  /** How long the lease of the lock's only holder lasts by the server; 0 = nobody holds it. */
  async remainingMs(name: string): Promise<number> {
    return (await this.stored(name)).holders[0]?.remainingMs ?? 0
  }

  /** Whose tokens hold the lock, oldest first. */
  async tokens(name: string): Promise<string[]> {
    return (await this.stored(name)).holders.map(({ token }) => token)
  }
}

/** Looks again and again; the test's own timeout bounds it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5)
}

/** The code of the library's error; anything else is thrown. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    if (isLocksError(error)) return error.code
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Resolves with the reason when the lock is lost. */
export function loss({ signal }: Lock): Promise<string> {
  return new Promise((resolve) => {
    const told = () => resolve(signal.reason.reason)
    if (signal.aborted) told()
    else signal.addEventListener('abort', told)
  })
}

/** A promise that must not have settled yet, with what it settled to if it has. */
export async function stillWaits(call: Promise<unknown>): Promise<boolean> {
  const settled = await Promise.race([call.then(String, String), setImmediate(undefined)])
  return settled === undefined
}
