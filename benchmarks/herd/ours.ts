import { HerdCache } from '@locks/herd-cache'
import { redisStore } from '@locks/redis'
import { createClient } from 'redis'
import type { HerdContender } from './contender.ts'

export const contender: HerdContender = {
  settings: 'ttl 60 s; redis client',
  async connect(url) {
    const store = redisStore(await createClient({ url }).connect())
    const cache = new HerdCache({ store, namespace: 'bench', ttl: '60s' })
    return { getOrLoad: (key, load) => cache.getOrSet(key, load) }
  },
}
