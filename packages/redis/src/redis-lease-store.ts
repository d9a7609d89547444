import {
  type AcquireReply,
  type AcquireRequest,
  ConflictError,
  type ExtendReply,
  type Holder,
  type Inspection,
  type LeaseStore,
  type LeaveReply,
  type ReleaseReply,
} from '@locks/core'
import type { GrantPushes } from './grant-channels.ts'
import { listKeys } from './list-keys.ts'
import {
  acquire,
  acquireEach,
  extend,
  extendEach,
  inspect,
  leave,
  release,
  releaseEach,
  steal,
} from './lua.gen.ts'
import type { RunOptions, ScriptRunner } from './script-runner.ts'
import { Words } from './words.ts'

/**
 * Leases as texts, one line per holder; each method is one run of one script. With `channels` it has a
 * queue as well: a release gives the lease to the first waiter that listens, and publishes the grant.
 */
export function redisLeaseStore(
  runner: ScriptRunner,
  channels: GrantPushes | undefined,
): LeaseStore {
  const inspectKey = async (key: string): Promise<Inspection> => {
    const reply = await runner.run(inspect, [key, `${key}:q`], [])
    const [capacity, waiters, ...facts] = reply as unknown[]
    return { holders: toHolders(facts), capacity: Number(capacity), waiters: Number(waiters) }
  }
  return {
    facts: {
      ...{ ttlResolutionMs: 1, durability: 'volatile', exclusive: true },
      ...{ fencing: true, fenceBlocks: true },
    },
    async acquire(request) {
      const options = request.waiter ? QUEUE : ACQUIRE
      const reply = await runner.run(acquire, leaseKeys(request.key), toArgs(request), options)
      return toAcquireReply(reply)
    },
    async steal({ key, token, ttlMs, capacity = 1, notAfterMs, subscriber = '' }) {
      const args = [token, `${ttlMs}`, `${capacity}`, limitOf(notAfterMs), subscriber]
      return toAcquireReply(await runner.run(steal, leaseKeys(key), args))
    },
    async extend({ key, token, ttlMs, notAfterMs, newToken }) {
      const args = [token, `${ttlMs}`, limitOf(notAfterMs)]
      if (newToken !== undefined) args.push(newToken)
      return toExtendReply(await runner.run(extend, [key], args, EXTEND))
    },
    async release({ key, token }) {
      const heard = channels ? channels.heard(key) : []
      const args = [token, ...heard]
      try {
        const reply = await runner.run(release, leaseKeys(key), args, RELEASE)
        const hasGrants = Array.isArray(reply)
        if (hasGrants) await channels?.tell(reply.slice(1).map(String))
        const answer = toReleaseReply<ReleaseReply>(hasGrants ? reply[0] : reply)
        // A client may have sent it twice, and kept the reply to the second.
        if (answer.state !== 'released') channels?.lost(heard)
        return answer
      } catch (error) {
        channels?.lost(heard)
        throw error
      }
    },
    inspect: inspectKey,
    async list(request) {
      const { keys, ...rest } = await listKeys(runner, request, 'string')
      const isHeld = async (key: string) => (await inspectKey(key)).holders.length > 0
      const held = await Promise.all(keys.map((key) => isHeld(key).catch(toFalseIfForeign)))
      return { ...rest, keys: keys.filter((_, i) => held[i]) }
    },
    ...(channels && {
      async leave({ key, token }) {
        const reply = await runner.run(leave, leaseKeys(key), [token], { urgent: true })
        return toReleaseReply<LeaveReply>(reply)
      },
      onGrant: (subscriber, listener) => channels.listen(subscriber, listener),
    }),
  }
}

const ACQUIRE: RunOptions = { each: acquireEach }
/** Many at once want one name, and whoever is first is to have it soon. */
const QUEUE: RunOptions = { each: acquireEach, together: true }
const EXTEND: RunOptions = { each: extendEach, urgent: true }
const RELEASE: RunOptions = { each: releaseEach, urgent: true, patient: true }

/**
 * As `acquire.lua` takes them. What is not said is not sent: each argument costs client and server as much as
 * many lines of the script.
 */
function toArgs(request: AcquireRequest): string[] {
  const { token, ttlMs, notAfterMs, units = 1, capacity = 1, fences = 1, waiter } = request
  const subscriber = waiter?.subscriber ?? request.subscriber
  const isForOne = units === 1 && capacity === 1 && fences === 1
  const args = [token, `${ttlMs}`, limitOf(notAfterMs)]
  if (subscriber === undefined && isForOne) return args
  args.push(subscriber ?? '', waiter ? `${waiter.grantMs}` : '')
  if (isForOne) return args
  args.push(`${units}`, `${capacity}`)
  if (fences !== 1) args.push(`${fences}`)
  return args
}

/** Scripts compare it as a text. */
const limitOf = (notAfterMs: number | undefined): string =>
  notAfterMs === undefined ? '' : `${Math.ceil(notAfterMs)}`

/** Holders and the last fence, queue, waiters. */
const leaseKeys = (key: string): string[] => [key, `${key}:q`, `${key}:w`]

/** A text that is no lease, among the keys of leases. */
function toFalseIfForeign(error: unknown): false {
  if (error instanceof ConflictError) return false
  throw error
}

function toAcquireReply(reply: unknown): AcquireReply {
  const words = new Words(reply)
  const state = words.word() as AcquireReply['state']
  const storeNowMs = words.number()
  switch (state) {
    case 'granted': {
      const remainingMs = words.number()
      const fence = words.number()
      // A thief is not told.
      if (words.isOver) return { state, remainingMs, fence, storeNowMs }
      return { state, remainingMs, fence, kept: words.number() === 1, storeNowMs }
    }
    case 'held': {
      const remainingMs = words.number()
      return { state, remainingMs, kept: words.number() === 1, storeNowMs }
    }
    case 'mismatch':
      return { state, capacity: words.number(), storeNowMs }
    case 'late':
      return { state, storeNowMs }
  }
}

function toExtendReply(reply: unknown): ExtendReply {
  const words = new Words(reply)
  const state = words.word() as ExtendReply['state']
  const storeNowMs = words.number()
  if (state !== 'extended') return { state, storeNowMs }
  return { state, remainingMs: words.number(), storeNowMs }
}

function toReleaseReply<Reply extends ReleaseReply | LeaveReply>(reply: unknown): Reply {
  const words = new Words(reply)
  return { state: words.word(), storeNowMs: words.number() } as Reply
}

function toHolders(facts: readonly unknown[]): Holder[] {
  const holders: Required<Holder>[] = []
  for (let i = 0; i < facts.length; i += 4) {
    const [token, ...numbers] = facts.slice(i, i + 4)
    const [units = 0, remainingMs = 0, fence = 0] = numbers.map(Number)
    holders.push({ token: String(token), units, remainingMs, fence })
  }
  // Oldest first: a renewal puts a holder behind the others.
  return holders.sort((a, b) => a.fence - b.fence)
}
