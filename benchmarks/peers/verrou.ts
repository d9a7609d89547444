import type { LockClient, LockContender } from '../locks/contender.ts'
import { ioredis, loadPeer } from './load-peer.ts'

interface Lock {
  acquire(options?: object): Promise<boolean>
  release(): Promise<void>
}

interface Module {
  readonly LockFactory: new (store: unknown) => { createLock(name: string, ttl: number): Lock }
}

interface Drivers {
  redisStore(options: object): { factory(): unknown }
}

async function connected(url: string, options?: object): Promise<LockClient> {
  const { LockFactory } = await loadPeer<Module>('@verrou/core')
  const { redisStore } = await loadPeer<Drivers>('@verrou/core/drivers/redis')
  const factory = new LockFactory(redisStore({ connection: await ioredis(url) }).factory())
  return {
    lock: async (name) => ({
      async acquire() {
        const lock = factory.createLock(name, 30_000)
        if (!(await lock.acquire(options))) throw new Error('gave up')
        return lock
      },
    }),
  }
}

export const contender: LockContender = {
  settings: 'ttl 30 s, retry.delay 10 ms, no limit to attempts or wait; ioredis',
  connect: (url) => connected(url, { retry: { attempts: Infinity, delay: 10, timeout: 600_000 } }),
}

export const defaults: LockContender = {
  settings: 'ttl 30 s, its defaults (each 250 ms, no limit); ioredis',
  connect: (url) => connected(url),
}
