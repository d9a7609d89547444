import type { Scenario } from './harness/report.ts'
import type { Settings } from './harness/settings.ts'
import { coldHerd } from './herd/cold-herd.ts'
import { contenderNames as caches, loadContender as loadCache } from './herd/contenders.ts'
import { expiry } from './herd/expiry.ts'
import { fail } from './herd/fail.ts'
import { hit } from './herd/hit.ts'
import { nearContenders } from './herd/near-contenders.ts'
import { staleSet } from './herd/stale-set.ts'
import { stampede, stampedeContenders } from './herd/stampede.ts'
import { storeDown } from './herd/store-down.ts'
import { clusterConfirm } from './locks/cluster-confirm.ts'
import { contended } from './locks/contended.ts'
import { loadContender as loadLock, contenderNames as locks, OURS } from './locks/contenders.ts'
import { inProcess } from './locks/in-process.ts'
import { inProcessContenders } from './locks/in-process-contenders.ts'
import { roundTrips } from './locks/round-trips.ts'
import { uncontended } from './locks/uncontended.ts'
import { wakeUp } from './locks/wake-up.ts'
import { scale } from './scale/scale.ts'

/** One benchmark: some scenarios, and those who are compared in them. */
export interface Bench {
  run(settings: Settings): Promise<Scenario[]>
  readonly contenders: readonly string[]
  load(name: string): Promise<{ readonly settings: string }>
}

/** By name, in the order in which all are run. */
export const benches: Readonly<Record<string, Bench>> = {
  'in-process': {
    run: inProcess,
    contenders: Object.keys(inProcessContenders),
    load: async (name) => ({ settings: inProcessContenders[name]?.settings ?? '' }),
  },
  uncontended: { run: uncontended, contenders: locks, load: loadLock },
  contended: { run: contended, contenders: locks, load: loadLock },
  'wake-up': { run: wakeUp, contenders: locks, load: loadLock },
  'round-trips': { run: roundTrips, contenders: [], load: loadLock },
  'cluster-confirm': { run: clusterConfirm, contenders: [], load: loadLock },
  hit: {
    run: hit,
    contenders: Object.keys(nearContenders),
    load: async (name) => ({ settings: nearContenders[name]?.settings ?? '' }),
  },
  stampede: { run: stampede, contenders: stampedeContenders, load: loadCache },
  'cold-herd': { run: coldHerd, contenders: caches, load: loadCache },
  expiry: { run: expiry, contenders: caches, load: loadCache },
  fail: { run: fail, contenders: caches, load: loadCache },
  'stale-set': { run: staleSet, contenders: caches, load: loadCache },
  'store-down': { run: storeDown, contenders: caches, load: loadCache },
  scale: { run: scale, contenders: [OURS], load: loadLock },
}
