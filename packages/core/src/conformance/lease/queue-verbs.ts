import type { AcquireRequest, LeaseStore } from '../../contract/lease-store.ts'
import { inState } from '../replies.ts'
import { Subscriber } from './subscriber.ts'

type QueueDetails = Partial<Omit<AcquireRequest, 'key' | 'token' | 'waiter'>> & {
  readonly grantMs?: number
}

/** What the rules of level 2 do with `key`; times not asked for are `longMs`. */
export function queueVerbs(store: LeaseStore, key: string, longMs: number) {
  const subscribers: Subscriber[] = []

  const enqueue = (token: string, { id }: Subscriber, details: QueueDetails = {}) => {
    const { grantMs = longMs, ...request } = details
    const waiter = { subscriber: id, grantMs }
    return store.acquire({ key, token, ttlMs: longMs, ...request, waiter })
  }

  return {
    enqueue,
    /** Somebody who hears of grants, until the rule ends. */
    async subscribe() {
      const subscriber = new Subscriber(store)
      subscribers.push(subscriber)
      return subscriber.ready()
    },
    async close() {
      for (const subscriber of subscribers) await subscriber.close()
    },
    /** An acquire that must end in the queue. */
    wait: async (token: string, subscriber: Subscriber, details: QueueDetails = {}) =>
      inState(await enqueue(token, subscriber, details), 'held'),
    leave: async (token: string) => (await store.leave?.({ key, token }))?.state,
  }
}
