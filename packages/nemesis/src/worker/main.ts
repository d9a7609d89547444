/** A process that works on locks and a cache, and goes on record. Told what to do by the coordinator. */
import { join } from 'node:path'
import { createLocks } from '@locks/core'
import type { ChaosStore } from '@locks/core/testing'
import { HerdCache } from '@locks/herd-cache'
import { openRecorder, recordStore } from '@locks/history'
import { Chance } from '../chance.ts'
import type { Order } from '../messages.ts'
import { adopt } from './adopt.ts'
import { type Connected, connect } from './connect.ts'
import { CoordinatorLink } from './coordinator-link.ts'
import { sabotagedStore } from './sabotaged-store.ts'
import { shiftDate } from './shifted-date.ts'
import { StoreCaller } from './store-caller.ts'
import { workOn } from './work-on.ts'
import type { Worker } from './worker.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** At work at once, in each worker. */
const HANDS = 4
const STORE_TIMEOUT = '1s'
const WEIGH_MS = 1000
const MB = 2 ** 20
/** Longer where seconds are counted, and where a belief shall outlive a failover. */
const TTL_MS = { memory: 2000, redis: 2000, 'redis-cluster': 5000, memcached: 3000 }
/** Of commands straight to the store. Where seconds are counted nobody knows when a short one ends. */
const CALLER_TTLS_MS = [300, 60_000]
const COARSE_TTLS_MS = [60_000]

const settings = JSON.parse(process.argv[2] ?? '') as WorkerSettings

async function main(): Promise<void> {
  const link = await CoordinatorLink.open(settings.socket)
  const connected = await connect(settings)
  const workers = settings.names.map((name, i) => employ(connected, link, name, i))
  let isOver = false
  link.onOrder = (order) => {
    if (order.do !== 'stop') return obey(workers, connected, order)
    isOver = true
    // Those who wait are waited for by nobody.
    for (const worker of workers) void leave(worker)
  }
  link.report({ is: 'ready', worker: settings.name })
  setInterval(() => weigh(link), WEIGH_MS).unref()
  const hands = workers.flatMap((worker) => Array.from({ length: HANDS }, () => worker))
  await Promise.all(hands.map((worker) => workOn(worker, () => isOver)))
  await connected.close()
  link.report({ is: 'done' })
}

/** So that one that dies without a word has said so much. */
function weigh(link: CoordinatorLink): void {
  const { rss, heapUsed } = process.memoryUsage()
  link.report({ is: 'weighs', residentMb: Math.round(rss / MB), heapMb: Math.round(heapUsed / MB) })
}

function employ(connected: Connected, link: CoordinatorLink, name: string, index: number): Worker {
  const { backend, folder, sabotage, seed } = settings
  const store = sabotage ? sabotagedStore(connected.store, sabotage) : connected.store
  const { confirmed } = connected
  const ttlMs = TTL_MS[backend]
  // For a server that counts by the second, and is late with that on a busy machine.
  const grace = backend === 'memcached' ? 1000 : undefined
  const options = { ttl: ttlMs, storeTimeout: STORE_TIMEOUT, ...(grace && { grace }) } as const
  // Values that are kept while the store is away are seen by this process alone.
  const breaker = { microTtl: 1 }
  // There a load anew ends with the entry that it replaces, and somebody else may load: a lease that is lost.
  const outlasting = backend === 'memcached' ? { grace: '1m' as const } : {}
  const cacheOptions = { ttl: '2s', storeTimeout: STORE_TIMEOUT, breaker, ...outlasting } as const
  const recorder = openRecorder(name, join(folder, `${name}.jsonl`))
  const chance = new Chance(seed + index)
  const caller = new StoreCaller({
    store: recordStore(store, recorder),
    chance,
    seed: seed + index,
    ttlsMs: backend === 'memcached' ? COARSE_TTLS_MS : CALLER_TTLS_MS,
  })
  let written = 0
  return {
    name,
    link,
    recorder,
    ttlMs,
    store,
    locks: createLocks(store, options),
    confirmed: confirmed && createLocks(confirmed, { ...options, storeTimeout: '2s' }),
    cache: new HerdCache({ store: connected.store, namespace: 'nemesis', ...cacheOptions }),
    caller,
    chance,
    unique: () => `${name}:${written++}`,
  }
}

async function leave({ locks, confirmed, cache }: Worker): Promise<void> {
  await locks.close()
  await confirmed?.close()
  await cache.close()
}

function obey(
  [worker]: readonly Worker[],
  connected: Connected,
  order: Exclude<Order, { do: 'answer' | 'stop' }>,
): void {
  const chaos = connected.store as Connected['store'] & ChaosStore
  if (order.do === 'adopt') void (worker && adopt(worker, order.lock, order.grant))
  else if (order.do === 'shift-clock') shiftDate(order.ms)
  else if (order.do === 'chaos') chaos.sometimes(order.probability, order.fault)
  else if (order.do === 'calm') chaos.calm()
  else block(order.ms)
}

/** The event loop stands still, as under a long computation. */
function block(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

await main()
