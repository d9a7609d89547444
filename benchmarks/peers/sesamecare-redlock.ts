import type { LockContender } from '../locks/contender.ts'
import { loadPeer } from './load-peer.ts'
import { type RedlockClass, redlockClient } from './redlock.ts'

export const contender: LockContender = {
  settings: 'ttl 30 s, retryDelay 10 ms, retryJitter 5 ms, no retry limit; ioredis',
  async connect(url) {
    const { Redlock } = await loadPeer<{ Redlock: RedlockClass }>('@sesamecare-oss/redlock')
    return redlockClient(Redlock, url)
  },
}
