import { createClient } from 'redis'
import { type HerdContender, LONG } from './contender.ts'

export const contender: HerdContender = {
  settings: 'GET; on a miss load, then SET PX; ttl 60 s; redis client',
  async connect(url, { ttlMs } = LONG) {
    const client = await createClient({ url })
      .on('error', () => {})
      .connect()
    return {
      async getOrLoad(key, load) {
        const text = await client.get(key)
        if (text !== null) return JSON.parse(text)
        const value = await load()
        await client.set(key, JSON.stringify(value), { expiration: { type: 'PX', value: ttlMs } })
        return value
      },
      remove: (key) => client.del(key),
      set: (key, value) =>
        client.set(key, JSON.stringify(value), { expiration: { type: 'PX', value: ttlMs } }),
    }
  },
}
