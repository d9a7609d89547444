import { redisStore } from '@locks/redis'
import { createClient } from 'redis'
import { type CacheStore, HerdCache, type HerdCacheOptions } from '../../src/index.ts'

/** What a test has opened, to be closed after it. */
export class RealCaches {
  readonly #closers: (() => unknown)[] = []

  /** Latest first. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close()
  }

  closeLater(close: () => unknown): void {
    this.#closers.push(close)
  }

  async connect(url: string): Promise<CacheStore> {
    const client = createClient({ url })
    client.on('error', () => {})
    await client.connect()
    this.closeLater(() => client.destroy())
    return redisStore(client)
  }

  /** No deadline that a busy machine could miss; the tests of deadlines have their own. */
  cacheOn(store: CacheStore, namespace: string, options: Partial<HerdCacheOptions> = {}) {
    const cache = new HerdCache({ store, namespace, storeTimeout: '30s', ...options })
    this.closeLater(() => cache.close())
    return cache
  }
}

let namespaces = 0

/** Of its own for each test: all share one server. */
export const newNamespace = (): string => `test-${++namespaces}`
