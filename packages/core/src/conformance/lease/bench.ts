import assert from 'node:assert/strict'
import type { AcquireReply, LeaseStore } from '../../contract/lease-store.ts'
import type { HolderProgram } from '../holder-program.ts'
import { freshKey, freshToken } from '../names.ts'
import { assertRemaining, inState } from '../replies.ts'
import type { RuleGroup } from '../rule-group.ts'
import { timesFor } from '../times.ts'
import { queueVerbs } from './queue-verbs.ts'

export type LeaseRules = RuleGroup<LeaseBench>

/** What a rule about leases works with: a store, a name that nobody has used, and verbs for both. */
export type LeaseBench = ReturnType<typeof leaseBench>

export function leaseBench(store: LeaseStore, tooLate = 0, program?: HolderProgram) {
  const times = timesFor(store.facts.ttlResolutionMs, tooLate)
  const key = freshKey('l')

  const acquire = async (token: string, ttlMs = times.longMs): Promise<AcquireReply> =>
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
    ...queueVerbs(store, key, times.longMs),
    async assertHolders(tokens: readonly string[]) {
      assert.deepEqual(await holders(), tokens)
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
