import type { AcquireReply, ExtendReply, LeaseStore, ReleaseRequest } from '@locks/core'
import type { Sabotage } from './worker-settings.ts'

const FACTOR = 3

/** A store with a bug in it. */
export function sabotagedStore<Store extends LeaseStore>(store: Store, by: Sabotage): Store {
  return { ...store, ...(by === 'believes-too-long' ? longLeases(store) : takingReleases(store)) }
}

function longLeases(store: LeaseStore): Partial<LeaseStore> {
  return {
    acquire: async (request) => longer(await store.acquire(request)),
    extend: async (request) => longer(await store.extend(request)),
  }
}

function longer<Reply extends AcquireReply | ExtendReply>(reply: Reply): Reply {
  const isMine = reply.state === 'granted' || reply.state === 'extended'
  return isMine ? { ...reply, remainingMs: reply.remainingMs * FACTOR } : reply
}

function takingReleases(store: LeaseStore): Partial<LeaseStore> {
  const take = async ({ key }: ReleaseRequest) => {
    const { holders } = await store.inspect(key)
    return () => Promise.all(holders.map(({ token }) => store.release({ key, token })))
  }
  return {
    async release(request) {
      const rest = await take(request)
      const reply = await store.release(request)
      await rest()
      return reply
    },
    async leave(request) {
      const rest = await take(request)
      const reply = (await store.leave?.(request)) ?? { state: 'absent' }
      await rest()
      return reply
    },
  }
}
