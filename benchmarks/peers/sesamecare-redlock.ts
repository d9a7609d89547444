import { loadPeer } from './load-peer.ts'
import { type RedlockClass, redlockContenders } from './redlock.ts'

export const { contender } = redlockContenders(
  async () => (await loadPeer<{ Redlock: RedlockClass }>('@sesamecare-oss/redlock')).Redlock,
)
