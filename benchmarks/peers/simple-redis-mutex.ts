import type { LockContender } from '../locks/contender.ts'
import { loadPeer, nodeRedis } from './load-peer.ts'

interface Module {
  lock(
    client: unknown,
    name: string,
  ): Promise<(() => Promise<void>) & { readonly fencingToken: number }>
}

export const contender: LockContender = {
  settings: 'defaults: pub/sub, with a poll each 10 s; redis client',
  async connect(url) {
    const { lock } = await loadPeer<Module>('simple-redis-mutex')
    const client = await nodeRedis(url)
    return {
      lock: async (name) => ({
        async acquire() {
          const release = await lock(client, name)
          return { fence: release.fencingToken, release }
        },
      }),
    }
  },
}
