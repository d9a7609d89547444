import type { LockClient, LockContender } from '../locks/contender.ts'
import { again } from './again.ts'
import { type Ioredis, ioredis, loadPeer } from './load-peer.ts'

interface Redlock {
  on(event: 'clientError', listener: () => void): void
  lock(name: string, ttlMs: number): Promise<{ unlock(): Promise<unknown> }>
}

type RedlockClass = new (clients: Ioredis[], settings?: object) => Redlock

async function connected(url: string, settings?: object): Promise<LockClient> {
  const { default: Redlock } = await loadPeer<{ default: RedlockClass }>('redlock4')
  const redlock = new Redlock([await ioredis(url)], settings)
  redlock.on('clientError', () => {})
  return {
    lock: async (name) => ({
      async acquire() {
        const lock = await again(() => redlock.lock(name, 30_000))
        return { release: () => lock.unlock() }
      },
    }),
  }
}

export const contender: LockContender = {
  settings: 'ttl 30 s, retryDelay 10 ms, retryJitter 5 ms, no retry limit; ioredis',
  connect: (url) => connected(url, { retryCount: 1e6, retryDelay: 10, retryJitter: 5 }),
}

export const defaults: LockContender = {
  settings: 'ttl 30 s, its defaults (10 retries, 200 ms ± 100 ms), and asked again; ioredis',
  connect: (url) => connected(url),
}
