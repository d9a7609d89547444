import {
  type CacheStore,
  type Duration,
  InvalidArgumentError,
  type LeaseStore,
  systemClock,
} from '@locks/core'
import { checkGiven, toMs } from '@locks/core/parts'
import { type RedisArgument, redisLeaseStore, ScriptRunner } from '@locks/redis/parts'
import { clusterCacheStore } from './cluster-cache-store.ts'
import type { ClusterDriver } from './cluster-driver.ts'
import { clusterLeaseStore } from './cluster-lease-store.ts'
import { ClusterPush } from './cluster-push.ts'
import {
  ConfirmedLeases,
  type ConfirmParts,
  type ConfirmSettings,
} from './confirm/confirmed-leases.ts'
import { nodeRedisDriver, type RedisCluster } from './node-redis-driver.ts'
import { routedClient } from './routed-client.ts'
import { SlotChannels } from './slot-channels.ts'

/** Whether replicas must confirm a lock. Times are milliseconds or such as `'250ms'`. */
export interface RedisClusterStoreOptions {
  /**
   * How many replicas must have a lock before it is held, or held for longer: a number, or `'majority'`,
   * which with the master makes more than half of the shard's nodes, failed ones counted, and one replica
   * at least. Fewer: `STORE_UNAVAILABLE`, and the lock is given back. Default: none, the master's word.
   * It narrows what a failover can do; it does not close it (see the documentation).
   */
  readonly confirm?: 'majority' | number
  /** How long the replicas may take. Default 250 ms. */
  readonly confirmWithin?: Duration
}

/**
 * A store on a Redis Cluster of version 7 or later, by a client that stays the caller's: it is never
 * closed, gets no listeners, and none of its settings is changed. Each lock and each entry lives in one
 * slot. The first waiter opens connections of our own that listen, one per master at most; they are
 * closed with the last user. Those of `confirm` are closed by `close()`.
 * @throws InvalidArgumentError
 */
export function redisClusterStore(
  cluster: RedisCluster,
  options: RedisClusterStoreOptions = {},
): LeaseStore & CacheStore {
  checkGiven(cluster, 'a client of Redis Cluster', 'sendCommand', 'nodeClient')
  return clusterStore(nodeRedisDriver(cluster), options)
}

/** The store by any client. */
export function clusterStore(
  driver: ClusterDriver,
  options: RedisClusterStoreOptions,
): LeaseStore & CacheStore {
  const settings = confirmSettings(options)
  const runner = new ScriptRunner(routedClient(driver))
  const push = new ClusterPush(driver)
  const channels = new SlotChannels(driver, push)
  const routed = redisLeaseStore(runner, channels)
  const leases = settings ? new ConfirmedLeases(routed, settings, parts(driver)).store : routed
  const locks = clusterLeaseStore(driver, leases, channels)
  const cache = clusterCacheStore(driver, runner, push)
  return {
    ...locks,
    ...cache,
    facts: { ...locks.facts, ...cache.facts, durability: 'async-replica' },
  }
}

function parts(driver: ClusterDriver): ConfirmParts {
  const _keyPrefix = driver.keyPrefix + driver.clientKeyPrefix
  return {
    driver,
    clock: systemClock,
    leasesBy(connection) {
      const sendCommand = (args: readonly RedisArgument[]) => connection.call(args.map(String))
      const client = { sendCommand, _keyPrefix, oneSlot: true }
      return redisLeaseStore(new ScriptRunner(client), undefined)
    },
  }
}

function confirmSettings(options: RedisClusterStoreOptions): ConfirmSettings | undefined {
  checkGiven(options, 'options')
  const { confirm, confirmWithin = 250 } = options
  if (confirm === undefined) return undefined
  if (confirm !== 'majority' && !(Number.isInteger(confirm) && confirm > 0)) {
    throw new InvalidArgumentError("confirm must be 'majority' or a number of replicas from 1")
  }
  const withinMs = toMs(confirmWithin, 'confirmWithin')
  return { confirm, withinMs }
}
