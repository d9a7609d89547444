import type { LockClient, LockContender } from '../locks/contender.ts'
import { again } from './again.ts'
import { loadPeer, nodeRedis } from './load-peer.ts'

interface Module {
  readonly NodeRedisAdapter: new (client: unknown) => unknown
  createLock(config: object): {
    acquire(): Promise<unknown>
    release(handle: unknown): Promise<unknown>
  }
}

async function connected(url: string, settings: object): Promise<LockClient> {
  const { NodeRedisAdapter, createLock } = await loadPeer<Module>('redlock-universal')
  const adapter = new NodeRedisAdapter(await nodeRedis(url))
  return {
    async lock(key) {
      const lock = createLock({ adapter, ttl: 30_000, key, ...settings })
      return {
        async acquire() {
          const handle = await again(() => lock.acquire())
          return { release: () => lock.release(handle) }
        },
      }
    },
  }
}

export const contender: LockContender = {
  settings: 'ttl 30 s, retryDelay 10 ms, no retry limit, performance lean; redis client',
  connect: (url) => connected(url, { retryAttempts: 100_000, retryDelay: 10, performance: 'lean' }),
}

export const defaults: LockContender = {
  settings: 'ttl 30 s, its defaults (3 retries, 100 ms, standard), and asked again; redis client',
  connect: (url) => connected(url, {}),
}
