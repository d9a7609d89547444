import { createLocks, redisStore } from '@locks/redis'
import { createClient } from 'redis'
import type { LockContender } from './contender.ts'

export const contender: LockContender = {
  settings: "fair: 'process', no limit to the wait; redis client",
  async connect(url) {
    const client = await createClient({ url }).connect()
    const locks = createLocks(redisStore(client), { wait: Infinity, fair: 'process' })
    return { lock: async (name) => ({ acquire: () => locks.acquire(name) }) }
  },
}
