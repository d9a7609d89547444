import { type Clock, systemClock } from '@locks/core'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import type { CacheStore } from '../../src/index.ts'

/** Where the caches of a test keep their values: in this process, or on a real server. */
export class Backends implements AsyncDisposable {
  readonly redis: RedisServer
  readonly #clients: { destroy(): void }[] = []
  #namespaces = 0

  private constructor(redis: RedisServer) {
    this.redis = redis
  }

  static async start(): Promise<Backends> {
    return new Backends(await startRedis())
  }

  /** So many stores as in as many processes: each with a client of its own, where there is one. */
  async open(kind: 'memory' | 'Redis', count: number, clock: Clock = systemClock) {
    if (kind === 'memory') return Array<CacheStore>(count).fill(memoryStore({ clock }))
    return Promise.all(Array.from({ length: count }, async () => redisStore(await this.connect())))
  }

  async connect() {
    const client = createClient({ url: this.redis.url })
    client.on('error', () => {})
    await client.connect()
    this.#clients.push(client)
    return client
  }

  /** Of its own for each test: all share one server. */
  newNamespace(): string {
    return `test-${++this.#namespaces}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy()
    await this.redis.stop()
  }
}
