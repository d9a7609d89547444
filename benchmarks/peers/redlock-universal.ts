import { createClient } from 'redis'
import type { LockContender } from '../locks/contender.ts'
import { loadPeer } from './load-peer.ts'

interface Module {
  readonly NodeRedisAdapter: new (client: unknown) => unknown
  createLock(config: object): {
    acquire(): Promise<unknown>
    release(handle: unknown): Promise<unknown>
  }
}

export const contender: LockContender = {
  settings: 'ttl 30 s, retryDelay 10 ms, no retry limit, performance lean; redis client',
  async connect(url) {
    const { NodeRedisAdapter, createLock } = await loadPeer<Module>('redlock-universal')
    const adapter = new NodeRedisAdapter(await createClient({ url }).connect())
    const settings = { adapter, ttl: 30_000, retryAttempts: 100_000, retryDelay: 10 }
    return {
      async lock(key) {
        const lock = createLock({ ...settings, key, performance: 'lean' })
        return {
          async acquire() {
            const handle = await lock.acquire()
            return { release: () => lock.release(handle) }
          },
        }
      },
    }
  },
}
