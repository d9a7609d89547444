import { createClient } from 'redis'
import type { LockContender } from './contender.ts'

/** How fast a hand-over by the store can be, for those who need no leases. */
export const contender: LockContender = {
  settings: 'a token in a list, one blocked connection per waiter, no lease; redis client',
  async connect(url) {
    const client = await createClient({ url }).connect()
    const idle: (typeof client)[] = []
    return {
      prepare: (name) => client.rPush(name, 'token'),
      lock: async (name) => ({
        async acquire() {
          const blocked = idle.pop() ?? (await client.duplicate().connect())
          await blocked.blPop(name, 0)
          idle.push(blocked)
          return { release: () => client.rPush(name, 'token') }
        },
      }),
    }
  },
}
