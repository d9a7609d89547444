import assert from 'node:assert/strict'
import type { AcquireReply, AcquireRequest, LeaseStore } from '../../contract/lease-store.ts'
import type { HolderProgram } from '../holder-program.ts'
import { freshKey, freshToken } from '../names.ts'
import { assertRemaining, inState } from '../replies.ts'
import type { RuleGroup } from '../rule-group.ts'
import { timesFor } from '../times.ts'
import { Subscriber } from './subscriber.ts'

export type LeaseRules = RuleGroup<LeaseBench>

/** What a rule about leases works with: a store, a name that nobody has used, and verbs for both. */
export type LeaseBench = ReturnType<typeof leaseBench>

type QueueDetails = Partial<Omit<AcquireRequest, 'key' | 'token' | 'waiter'>> & {
  readonly grantMs?: number
}

export function leaseBench(store: LeaseStore, program?: HolderProgram) {
  const times = timesFor(store.facts.ttlResolutionMs)
  const key = freshKey('l')

  const acquire = (token: string, ttlMs = times.longMs): Promise<AcquireReply> =>
    store.acquire({ key, token, ttlMs })
  const extend = (token: string, ttlMs = times.longMs) => store.extend({ key, token, ttlMs })
  const release = (token: string) => store.release({ key, token })

  /** An acquire that must be granted. No rule waits for a TTL that was not asked for. */
  const take = async (token: string, ttlMs = times.longMs) => {
    const reply = inState(await acquire(token, ttlMs), 'granted')
    assertRemaining(reply.remainingMs, ttlMs + times.slackMs)
    return reply
  }

  /** An extend that must move the end. */
  const keep = async (token: string, ttlMs = times.longMs) => {
    const reply = inState(await extend(token, ttlMs), 'extended')
    assertRemaining(reply.remainingMs, ttlMs + times.slackMs)
    return reply
  }

  /** Takes the name and lets the lease end. */
  const lapse = async (token: string) => {
    const reply = await take(token, 1)
    await times.outlive(reply.remainingMs)
    return reply
  }

  const subscribers: Subscriber[] = []

  const enqueue = (token: string, { id }: Subscriber, details: QueueDetails = {}) => {
    const { grantMs = times.longMs, ...request } = details
    const waiter = { subscriber: id, grantMs }
    return store.acquire({ key, token, ttlMs: times.longMs, ...request, waiter })
  }

  const holders = async () => (await store.inspect(key)).holders.map(({ token }) => token)

  return {
    ...times,
    store,
    program,
    key,
    holder: freshToken(),
    rival: freshToken(),
    acquire,
    extend,
    release,
    take,
    keep,
    lapse,
    enqueue,
    /** Somebody who hears of grants; ended with the rule. */
    async subscribe() {
      const subscriber = new Subscriber(store)
      subscribers.push(subscriber)
      return subscriber.ready()
    },
    /** An acquire that must end in the queue. */
    wait: async (token: string, subscriber: Subscriber, details: QueueDetails = {}) =>
      inState(await enqueue(token, subscriber, details), 'held'),
    leave: async (token: string) => (await store.leave?.({ key, token }))?.state,
    async assertHolders(tokens: readonly string[]) {
      assert.deepEqual(await holders(), tokens)
    },
    async close() {
      for (const subscriber of subscribers) await subscriber.close()
    },
    async assertHolder(token: string) {
      const reply = inState(await acquire(freshToken(), times.shortMs), 'held')
      assertRemaining(reply.remainingMs, times.longMs + times.slackMs)
      assert.deepEqual(await holders(), [token])
    },
    /** Ends with somebody holding the name. */
    async assertFree() {
      assert.deepEqual(await holders(), [])
      await take(freshToken())
    },
  }
}

/** Why a store cannot be held to rules about others being kept out. */
export const excludesNobody = ({ store }: LeaseBench): string | undefined =>
  store.facts.exclusive ? undefined : 'the store excludes nobody: facts.exclusive is false'

/** Why a store cannot be held to the rules of level 2. */
export const hasNoQueue = (bench: LeaseBench): string | undefined => {
  const { leave, onGrant } = bench.store
  return excludesNobody(bench) ?? (leave && onGrant ? undefined : 'the store has no queue')
}
