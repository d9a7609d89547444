import type { LockContender } from '../locks/contender.ts'
import { type Ioredis, ioredis, loadPeer } from './load-peer.ts'

interface Module {
  createLock(
    client: Ioredis,
    options: object,
  ): { acquire(name: string): Promise<unknown>; release(): Promise<unknown> }
}

export const contender: LockContender = {
  settings: 'timeout 30 s, delay 10 ms, jitter 1.2 (its default), no retry limit; ioredis',
  async connect(url) {
    const { createLock } = await loadPeer<Module>('@microfleet/ioredis-lock')
    const client = await ioredis(url)
    const options = { timeout: 30_000, retries: 1e6, delay: 10 }
    return {
      lock: async (name) => ({
        async acquire() {
          const lock = createLock(client, options)
          await lock.acquire(name)
          return lock
        },
      }),
    }
  },
}
