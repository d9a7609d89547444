import type { Bug } from '../bug.ts'

const TAKE_OVER = 'core/src/lock/take-over.ts'
const LEASES = 'redis-cluster/src/confirm/confirmed-leases.ts'
const SHARD = 'redis-cluster/src/confirm/shard.ts'
const REPLICA = 'redis-cluster/src/confirm/replica.ts'
const CONNECTION = 'redis-cluster/src/confirm/own-connection.ts'

/** A confirmation is worth what the replicas have of this very write, by token and time. */
export const failoverBugs: readonly Bug[] = [
  {
    name: 'handOffUnconfirmed',
    about: 'a lock that came by a push is believed as it comes',
    where: 'failover',
    breaks: ['confirmed', 'P1'],
    patches: [
      {
        file: LEASES,
        search: 'granted: (grant) => void confirm(grant)',
        replace: 'granted: (grant) => (confirm, listener.granted(grant))',
      },
    ],
    failoverPlan: { names: 1, confirm: 'majority', cuts: 3 },
  },
  {
    name: 'jumpBelieved',
    about: 'a push is dated by the time that two servers have counted, whose clocks differ',
    where: 'failover',
    breaks: ['confirmed'],
    patches: [
      {
        file: TAKE_OVER,
        search: 'grantedAtMs - ROUNDING_MS > receivedAtMs ||',
        replace: '',
      },
    ],
    // A push that comes although the line of its client has broken is as one by a node that has not failed.
    faults: { repeatPush: 0.9, pausesMax: 0, crash: 0 },
    failoverPlan: {
      names: 1,
      clients: 4,
      rounds: 4,
      confirm: 'majority',
      replicas: 3,
      storeTimeoutMs: 400,
      troubleMs: 600,
      thinkMsMax: 60,
      ttlMs: [2000, 8000],
      renew: 0,
      extend: 0,
      aheadMs: 20_000,
      fails: 'crash',
      elects: 'best',
      lagMs: 1,
      cuts: 0,
      freezes: 0,
    },
  },
  {
    name: 'renewalUnconfirmed',
    about: 'the word of the master alone moves a deadline',
    where: 'failover',
    breaks: ['confirmed', 'P1'],
    patches: [
      {
        file: LEASES,
        search: 'return this.#write(held, (leases) => leases.extend(request))',
        replace: 'return held && routed.extend(request)',
      },
    ],
    failoverPlan: { confirm: 'majority', renew: 1, cuts: 3 },
  },
  {
    name: 'waitElsewhere',
    about: 'WAIT runs on another connection than the write, and waits for nothing',
    where: 'failover',
    breaks: ['confirmed'],
    patches: [
      {
        file: SHARD,
        search:
          "const written = Number(await connection.call(['WAIT', String(needed), String(waitMs)]))",
        replace:
          "const written = await this.#pool.use(async (other) => Number(await other.call(['WAIT', String(needed), String(waitMs)])))",
      },
      // The read of what was written would notice it.
      {
        file: SHARD,
        search: 'written < needed ? written : await counted()',
        replace: 'written',
      },
    ],
    failoverPlan: { confirm: 'majority', lagMs: 150 },
  },
  {
    name: 'readSkipped',
    about: 'WAIT is enough: nobody asks the replicas what they make of it by their own clocks',
    where: 'failover',
    breaks: ['confirmed'],
    patches: [
      {
        file: SHARD,
        search: 'written < needed ? written : await counted()',
        replace: 'written',
      },
    ],
    failoverPlan: { confirm: 1, replicas: 1, aheadMs: 20_000 },
  },
  {
    name: 'tokenOnly',
    about: 'a replica that has the token confirms it, even if its time is over there',
    where: 'failover',
    breaks: ['confirmed'],
    patches: [
      { file: REPLICA, search: 'Number(remaining) > 0', replace: 'Number(remaining) > -1e9' },
    ],
    failoverPlan: { confirm: 1, replicas: 1, aheadMs: 20_000 },
  },
  {
    name: 'earlierLeaseConfirms',
    about: 'a replica that lags confirms a renewal by what it knows of the lease before',
    where: 'failover',
    breaks: ['confirmed'],
    patches: [{ file: REPLICA, search: 'String(endsAtMs)]', replace: 'String(endsAtMs * 0)]' }],
    failoverPlan: { confirm: 1, replicas: 2, aheadMs: 20_000, lagMs: 150, renew: 1 },
  },
  {
    name: 'oneIsEnough',
    about: 'the first replica that answers speaks for all of them',
    where: 'failover',
    breaks: ['confirmed'],
    patches: [
      {
        file: SHARD,
        search:
          "confirm === 'majority' ? Math.max(1, Math.floor((replicas.length + 1) / 2)) : confirm",
        replace: 'Math.min(1, replicas.length)',
      },
    ],
    failoverPlan: { confirm: 3, replicas: 3, cuts: 3 },
  },
  {
    name: 'shortfallKept',
    about: 'a lock that replicas do not confirm is answered as held by others, and stays',
    where: 'failover',
    breaks: ['P2'],
    patches: [
      {
        file: LEASES,
        search:
          'await shard.confirm(connection, { key, token: held.token, endsAtMs }, this.#settings)',
        replace:
          "try { await shard.confirm(connection, { key, token: held.token, endsAtMs }, this.#settings) } catch { return { state: 'held', remainingMs: 50 } as Reply }",
      },
    ],
    failoverPlan: { names: 1, confirm: 1, replicas: 1, cuts: 3, ttlMs: [2000, 8000] },
  },
  {
    name: 'releaseConfirmed',
    about: 'a release has to be confirmed by replicas, too',
    where: 'failover',
    breaks: ['release'],
    patches: [
      {
        file: LEASES,
        search: '      close: async () => {',
        replace:
          '      release: async (request) => {\n        await this.#write(request, async (leases) => leases.extend({ ...request, ttlMs: 1 }))\n        return routed.release(request)\n      },\n      close: async () => {',
      },
    ],
    failoverPlan: { confirm: 1, replicas: 1, cuts: 3, fails: 'never' },
  },
  {
    name: 'nextConnectionConfirms',
    about: 'WAIT on the connection after the one that was lost confirms what it never wrote',
    where: 'failover',
    breaks: ['confirmed'],
    patches: [
      {
        file: CONNECTION,
        search: "own.on('reconnecting', () => connection.close())",
        replace: "own.on('reconnecting', () => {})",
      },
      {
        file: SHARD,
        search: 'written < needed ? written : await counted()',
        replace: 'written',
      },
    ],
    faults: { reset: 0.25 },
    failoverPlan: { confirm: 'majority', lagMs: 150 },
  },
]
