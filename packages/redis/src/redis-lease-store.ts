import {
  type AcquireReply,
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
import { acquire, extend, inspect, leave, release, steal } from './lua.gen.ts'
import type { ScriptRunner } from './script-runner.ts'

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
    async acquire({ key, token, ttlMs, notAfterMs = '', units = 1, capacity = 1, ...told }) {
      const { waiter, subscriber = '', fences = 1 } = told
      const place = [waiter?.subscriber ?? subscriber, waiter?.grantMs ?? '']
      const block = fences === 1 ? [] : [fences]
      const args = [token, ttlMs, units, capacity, notAfterMs, ...place, ...block].map(String)
      return toAcquireReply(await runner.run(acquire, leaseKeys(key), args))
    },
    async steal({ key, token, ttlMs, capacity = 1, notAfterMs = '', subscriber = '' }) {
      const args = [token, ttlMs, capacity, notAfterMs, subscriber].map(String)
      return toAcquireReply(await runner.run(steal, leaseKeys(key), args))
    },
    async extend({ key, token, ttlMs, notAfterMs = '', newToken = '' }) {
      const args = [token, ttlMs, notAfterMs, newToken].map(String)
      return toExtendReply(await runner.run(extend, [key], args, { urgent: true }))
    },
    async release({ key, token }) {
      const heard = channels ? channels.heard(key) : []
      const args = [token, ...heard]
      try {
        const reply = await runner.run(release, leaseKeys(key), args, {
          urgent: true,
          patient: true,
        })
        const [state, now, ...grants] = reply as unknown[]
        if (grants.length > 0) await channels?.tell(grants.map(String))
        const answer = toReleaseReply<ReleaseReply>([state, now])
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

/** Holders and the last fence, queue, waiters. */
const leaseKeys = (key: string): string[] => [key, `${key}:q`, `${key}:w`]

/** A text that is no lease, among the keys of leases. */
function toFalseIfForeign(error: unknown): false {
  if (error instanceof ConflictError) return false
  throw error
}

function toAcquireReply(reply: unknown): AcquireReply {
  const [state, storeNowMs, amount, second, third] = parse<AcquireReply['state']>(reply)
  switch (state) {
    case 'granted':
      return { state, remainingMs: amount, fence: second, ...toKept(third), storeNowMs }
    case 'held':
      return { state, remainingMs: amount, ...toKept(second), storeNowMs }
    case 'mismatch':
      return { state, capacity: amount, storeNowMs }
    case 'late':
      return { state, storeNowMs }
  }
}

/** A thief is not told. */
const toKept = (kept: number | undefined) => (kept === undefined ? {} : { kept: kept === 1 })

function toExtendReply(reply: unknown): ExtendReply {
  const [state, storeNowMs, remainingMs] = parse<ExtendReply['state']>(reply)
  return state === 'extended' ? { state, remainingMs, storeNowMs } : { state, storeNowMs }
}

function toReleaseReply<Reply extends ReleaseReply | LeaveReply>(reply: unknown): Reply {
  const [state, storeNowMs] = parse<Reply['state']>(reply)
  return { state, storeNowMs } as Reply
}

/** A state, the server's clock, and numbers that depend on the state. */
function parse<State extends string>(reply: unknown): [State, number, number, number, number?] {
  const [state, ...numbers] = reply as unknown[]
  return [String(state) as State, ...(numbers.map(Number) as [number, number, number, number?])]
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
