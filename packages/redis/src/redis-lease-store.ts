import type { AcquireReply, ExtendReply, Holder, LeaseStore, ReleaseReply } from '@locks/core'
import { acquire, extend, inspect, release } from './lua.gen.ts'
import type { ScriptRunner } from './script-runner.ts'

/** Leases as hashes, one field per holder; each method is one run of one script. */
export function redisLeaseStore(runner: ScriptRunner): LeaseStore {
  return {
    facts: { ttlResolutionMs: 1, durability: 'volatile', fencing: true, exclusive: true },
    async acquire({ key, token, ttlMs, notAfterMs = '', units = 1, capacity = 1 }) {
      const args = [token, ttlMs, units, capacity, notAfterMs].map(String)
      return toAcquireReply(await runner.run(acquire, [key, fenceKey(key)], args))
    },
    async extend({ key, token, ttlMs, notAfterMs = '' }) {
      const args = [token, ttlMs, notAfterMs].map(String)
      return toExtendReply(await runner.run(extend, [key], args, { urgent: true }))
    },
    async release({ key, token }) {
      return toReleaseReply(await runner.run(release, [key], [token], { urgent: true }))
    },
    async inspect(key) {
      const [capacity, ...facts] = (await runner.run(inspect, [key], [])) as unknown[]
      return { holders: toHolders(facts), capacity: Number(capacity) }
    },
  }
}

/** The counter outlives the holders, so it cannot be a field of theirs. */
const fenceKey = (key: string): string => `${key}:f`

function toAcquireReply(reply: unknown): AcquireReply {
  const [state, storeNowMs, amount, fence] = parse<AcquireReply['state']>(reply)
  switch (state) {
    case 'granted':
      return { state, remainingMs: amount, fence, storeNowMs }
    case 'held':
      return { state, remainingMs: amount, storeNowMs }
    case 'mismatch':
      return { state, capacity: amount, storeNowMs }
    case 'late':
      return { state, storeNowMs }
  }
}

function toExtendReply(reply: unknown): ExtendReply {
  const [state, storeNowMs, remainingMs] = parse<ExtendReply['state']>(reply)
  return state === 'extended' ? { state, remainingMs, storeNowMs } : { state, storeNowMs }
}

function toReleaseReply(reply: unknown): ReleaseReply {
  const [state, storeNowMs] = parse<ReleaseReply['state']>(reply)
  return { state, storeNowMs }
}

/** A state, the server's clock, and numbers that depend on the state. */
function parse<State extends string>(reply: unknown): [State, number, number, number] {
  const [state, ...numbers] = reply as unknown[]
  const [storeNowMs, first, second] = numbers.map(Number) as [number, number, number]
  return [String(state) as State, storeNowMs, first, second]
}

function toHolders(facts: readonly unknown[]): Holder[] {
  const holders: Required<Holder>[] = []
  for (let i = 0; i < facts.length; i += 4) {
    const [token, ...numbers] = facts.slice(i, i + 4)
    const [units = 0, remainingMs = 0, fence = 0] = numbers.map(Number)
    holders.push({ token: String(token), units, remainingMs, fence })
  }
  // Oldest first: a hash has no order, a fence grows with each grant.
  return holders.sort((a, b) => a.fence - b.fence)
}
