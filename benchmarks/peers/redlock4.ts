import type { LockContender } from '../locks/contender.ts'
import { type Ioredis, ioredis, loadPeer } from './load-peer.ts'

interface Redlock {
  on(event: 'clientError', listener: () => void): void
  lock(name: string, ttlMs: number): Promise<{ unlock(): Promise<unknown> }>
}

type RedlockClass = new (clients: Ioredis[], settings: object) => Redlock

export const contender: LockContender = {
  settings: 'ttl 30 s, retryDelay 10 ms, retryJitter 5 ms, no retry limit; ioredis',
  async connect(url) {
    const { default: Redlock } = await loadPeer<{ default: RedlockClass }>('redlock4')
    const settings = { retryCount: 1e6, retryDelay: 10, retryJitter: 5 }
    const redlock = new Redlock([await ioredis(url)], settings)
    redlock.on('clientError', () => {})
    return {
      lock: async (name) => ({
        async acquire() {
          const lock = await redlock.lock(name, 30_000)
          return { release: () => lock.unlock() }
        },
      }),
    }
  },
}
