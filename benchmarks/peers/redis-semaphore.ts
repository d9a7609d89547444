import type { LockContender } from '../locks/contender.ts'
import { type Ioredis, ioredis, loadPeer } from './load-peer.ts'

interface Mutex {
  acquire(): Promise<void>
  release(): Promise<void>
}

type MutexClass = new (client: Ioredis, name: string, options: object) => Mutex

export const contender: LockContender = {
  settings: 'lockTimeout 30 s, retryInterval 10 ms (its default), no limit to the wait; ioredis',
  async connect(url) {
    const { Mutex } = await loadPeer<{ Mutex: MutexClass }>('redis-semaphore')
    const client = await ioredis(url)
    const options = { lockTimeout: 30_000, acquireTimeout: 600_000, retryInterval: 10 }
    return {
      lock: async (name) => ({
        async acquire() {
          const mutex = new Mutex(client, name, options)
          await mutex.acquire()
          return mutex
        },
      }),
    }
  },
}
