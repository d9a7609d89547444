import { afterAll, afterEach, beforeAll } from '@jest/globals'
import {
  type RedisServer,
  RespConnection,
  startProxy,
  startRedis,
  type TestProxy,
} from '@locks/test-servers'
import {
  createLocks,
  type Locks,
  type LocksOptions,
  type QuorumOptions,
  quorum,
  redisStore,
} from '../../src/index.ts'
import { connectors } from '../clients.ts'
import { storedLease } from '../stored-lease.ts'
import { keyOf } from './fault-world.ts'

const KINDS = ['redis 6', 'redis 5', 'redis 6, RESP2', 'redis 5, RESP3', 'redis 4'] as const

/** Several real servers for a file, which the tests share, under names of their own. */
export class QuorumWorld {
  readonly #ends: (() => Promise<unknown>)[] = []
  readonly #servers: RedisServer[] = []
  readonly #harmed = new Set<RedisServer>()

  /** To be made at the top of a file. */
  constructor(count: number) {
    beforeAll(async () => {
      const started = Array.from({ length: count }, () => startRedis())
      this.#servers.push(...(await Promise.all(started)))
    })
    afterEach(async () => {
      for (const end of this.#ends.splice(0).reverse()) await end()
      await Promise.all([...this.#harmed].map((server) => server.restart()))
      this.#harmed.clear()
    })
    afterAll(() => Promise.all(this.#servers.map((server) => server.stop())))
  }

  server(index: number): RedisServer {
    const server = this.#servers[index]
    if (!server) throw new Error(`there is no server ${index}`)
    return server
  }

  /** A server that is running again, and empty, for the next test. */
  harm(index: number): RedisServer {
    const server = this.server(index)
    this.#harmed.add(server)
    return server
  }

  /** A proxy in front of each of the first `count` servers. */
  async proxies(count: number): Promise<TestProxy[]> {
    const proxies = await Promise.all(
      this.#servers.slice(0, count).map(({ port }) => startProxy({ port })),
    )
    this.#ends.push(() => Promise.all(proxies.map((proxy) => proxy.stop())))
    return proxies
  }

  /** Locks on a quorum of the first `count` servers, each with a client of another kind. */
  async locks(
    count: number,
    options: LocksOptions = {},
    { proxies, ...quorumOptions }: QuorumOptions & { readonly proxies?: TestProxy[] } = {},
  ): Promise<Locks> {
    const clients = await Promise.all(
      this.#servers.slice(0, count).map(async ({ url }, index) => {
        const kind = KINDS[index] ?? 'redis 6'
        const { client, close } = await connectors[kind](proxies?.[index]?.url('redis') ?? url)
        this.#ends.push(close)
        return client
      }),
    )
    // A slow machine is no dead node, unless a test says how long a node may take.
    const store = quorum(
      clients.map((client) => redisStore(client)),
      { nodeTimeout: '20s', ...quorumOptions },
    )
    const locks = createLocks(store, { storeTimeout: '30s', ...options })
    this.#ends.push(async () => {
      await locks.close()
      await store.close?.()
    })
    return locks
  }

  /** Who holds the lock on the server. */
  async holders(index: number, name: string): Promise<string[]> {
    using connection = await RespConnection.open(this.server(index).port)
    return (await storedLease(connection, keyOf(name))).holders.map(({ token }) => token)
  }

  /** Somebody holds the lock on the server alone. */
  async occupy(index: number, name: string, ttl: LocksOptions['ttl'] = '10m'): Promise<void> {
    const { client, close } = await connectors['redis 6'](this.server(index).url)
    this.#ends.push(close)
    await createLocks(redisStore(client), { storeTimeout: '30s' }).acquire(name, {
      ttl,
      renew: false,
    })
  }
}
