import type { LockContender } from '../locks/contender.ts'
import { again } from './again.ts'
import { type Ioredis, ioredis, loadPeer } from './load-peer.ts'

interface Redlock {
  on(event: 'error', listener: () => void): void
  acquire(names: string[], ttlMs: number): Promise<{ release(): Promise<unknown> }>
}

export type RedlockClass = new (clients: Ioredis[], settings?: object) => Redlock

const load = async () => (await loadPeer<{ default: RedlockClass }>('redlock')).default

export const { contender, defaults } = redlockContenders(load)

/** Also of its fork, which has kept the interface. */
export function redlockContenders(load: () => Promise<RedlockClass>): {
  readonly contender: LockContender
  readonly defaults: LockContender
} {
  const connected = async (url: string, settings?: object) => {
    const redlock = new (await load())([await ioredis(url)], settings)
    redlock.on('error', () => {})
    const acquire = (name: string) => again(() => redlock.acquire([name], 30_000))
    return { lock: async (name: string) => ({ acquire: () => acquire(name) }) }
  }
  return {
    contender: {
      settings: 'ttl 30 s, retryDelay 10 ms, retryJitter 5 ms, no retry limit; ioredis',
      connect: (url) => connected(url, { retryCount: 1e6, retryDelay: 10, retryJitter: 5 }),
    },
    defaults: {
      settings: 'ttl 30 s, its defaults (10 retries, 200 ms ± 100 ms), and asked again; ioredis',
      connect: (url) => connected(url),
    },
  }
}
