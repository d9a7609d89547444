import { HerdCache } from '@locks/herd-cache'
import { redisStore } from '@locks/redis'
import { createClient } from 'redis'
import { type HerdContender, LONG } from './contender.ts'

export const contender: HerdContender = {
  settings: 'ttl 60 s; redis client',
  async connect(url, { ttlMs, strict, patient } = LONG) {
    const store = redisStore(
      await createClient({ url })
        .on('error', () => {})
        .connect(),
    )
    const grace = strict ? { grace: 0 } : {}
    const patience = patient ? { storeTimeout: '30s' as const } : {}
    const cache = new HerdCache({ store, namespace: 'bench', ttl: ttlMs, ...grace, ...patience })
    return {
      getOrLoad: (key, load) => cache.getOrSet(key, load),
      remove: (key) => cache.delete(key),
      set: (key, value) => cache.set(key, value),
    }
  },
}
