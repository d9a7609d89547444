import type { LockContender } from '../locks/contender.ts'
import { type Ioredis, ioredis, loadPeer } from './load-peer.ts'

interface Redlock {
  on(event: 'error', listener: () => void): void
  acquire(names: string[], ttlMs: number): Promise<{ release(): Promise<unknown> }>
}

export type RedlockClass = new (clients: Ioredis[], settings: object) => Redlock

export const contender: LockContender = {
  settings: 'ttl 30 s, retryDelay 10 ms, retryJitter 5 ms, no retry limit; ioredis',
  async connect(url) {
    const { default: Redlock } = await loadPeer<{ default: RedlockClass }>('redlock')
    return redlockClient(Redlock, url)
  },
}

/** Also for its fork, which has kept the interface. */
export async function redlockClient(Redlock: RedlockClass, url: string) {
  const settings = { retryCount: 1e6, retryDelay: 10, retryJitter: 5 }
  const redlock = new Redlock([await ioredis(url)], settings)
  redlock.on('error', () => {})
  return { lock: async (name: string) => ({ acquire: () => redlock.acquire([name], 30_000) }) }
}
