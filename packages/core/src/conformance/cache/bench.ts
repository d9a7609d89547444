import assert from 'node:assert/strict'
import type { CacheStore, LoadLeaseRequest } from '../../contract/cache-store.ts'
import { freshKey, freshToken } from '../names.ts'
import { inState } from '../replies.ts'
import type { RuleGroup } from '../rule-group.ts'
import { timesFor } from '../times.ts'
import { signalVerbs } from './signal-verbs.ts'

export type CacheRules = RuleGroup<CacheBench>

/** What a rule about the cache works with: a store, a key that nobody has used, and verbs for both. */
export type CacheBench = ReturnType<typeof cacheBench>

type LeaseDetails = Partial<Omit<LoadLeaseRequest, 'key' | 'token'>>

interface Value {
  readonly data?: Uint8Array
  readonly ttlMs?: number
}

export function cacheBench(store: CacheStore, tooLate = 0) {
  const { ttlResolutionMs } = store.facts
  const times = timesFor(ttlResolutionMs, tooLate)
  const key = freshKey('c')

  const lease = (token: string, details: LeaseDetails = {}) =>
    store.lease({ key, token, leaseMs: times.longMs, ...details })

  /** A lease that must be won. */
  const elect = async (token: string, details: LeaseDetails = {}) =>
    inState(await lease(token, details), 'won')

  /** No reply says which TTL was really set, so this waits for the longest allowed. */
  const outlive = (ttlMs: number) => times.outlive(ttlMs + ttlResolutionMs)

  const commit = (token: string, { data = bytes('loaded'), ttlMs = times.longMs }: Value = {}) =>
    store.commit({ key, token, data, ttlMs })

  /** Answers the version. */
  const write = async ({ data = bytes('written'), ttlMs = times.longMs }: Value = {}) => {
    const token = freshToken()
    inState(await store.write({ key, token, data, ttlMs }), 'written')
    return token
  }

  const read = async () => (await store.read([key]))[0]

  return {
    ...times,
    outlive,
    store,
    key,
    loader: freshToken(),
    rival: freshToken(),
    lease,
    elect,
    /** Wins the lease and lets it end. */
    async lapse(token: string) {
      await elect(token, { leaseMs: 1 })
      await outlive(1)
    },
    ...signalVerbs(store, key),
    commit,
    write,
    read,
    async assertEntry(version: string) {
      assert.equal((await read())?.version, version)
    },
    async assertMiss() {
      assert.equal(await read(), undefined)
    },
    /** Somebody else is refused, and told that `token` loads. */
    async assertLoader(token: string, details: LeaseDetails = {}) {
      const reply = inState(
        await lease(freshToken(), { leaseMs: times.shortMs, ...details }),
        'lost',
      )
      assert.equal(reply.holder, token)
    },
  }
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The same bytes, in whichever subclass of `Uint8Array`. */
export function assertBytes(actual: Uint8Array | undefined, expected: Uint8Array): void {
  assert.ok(actual instanceof Uint8Array || ArrayBuffer.isView(actual), 'the data is no Uint8Array')
  const same = Buffer.compare(actual, expected) === 0
  assert.ok(same, `${actual.length} bytes came back for ${expected.length}, or others`)
}
