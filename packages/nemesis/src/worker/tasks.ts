import { CONFIRMED, EXCLUSIVE } from '../lock-names.ts'
import { hold } from './hold.ts'
import type { Stay } from './stay.ts'
import { useCache } from './use-cache.ts'
import { useCounter } from './use-counter.ts'
import { useResource } from './use-resource.ts'
import type { Worker } from './worker.ts'

const PERMITS = 2
const WRITER = 2 ** 31
const WAIT = '8s'
const CALLS = 8

/** Work of a worker, chosen by weight again and again. */
export interface Task {
  readonly weight: number
  readonly run: (worker: Worker) => Promise<void>
}

/** What this worker's store can do. */
export function tasksOf({ store, confirmed }: Worker): readonly Task[] {
  const tasks = [
    { weight: 40, run: guarded },
    { weight: 8, run: useCounter },
    { weight: 20, run: useCache },
    { weight: 12, run: callStore },
  ]
  if (store.leave) tasks.push({ weight: 8, run: permits }, { weight: 12, run: readersAndWriters })
  if (store.steal) tasks.push({ weight: 1, run: steal })
  if (confirmed) tasks.push({ weight: 12, run: guardedByReplicas })
  return tasks
}

/** A few commands in a row, so that they meet those of others. */
async function callStore({ caller }: Worker): Promise<void> {
  for (let i = 0; i < CALLS; i++) await caller.call()
}

/** Mostly short, sometimes so long that the lease is renewed. */
function holdingMs({ chance, ttlMs }: Worker): number {
  return chance.of(0.08) ? chance.between(ttlMs / 2, ttlMs * 1.5) : chance.between(1, 60)
}

async function guarded(worker: Worker): Promise<void> {
  const { chance } = worker
  const lock = chance.pick(EXCLUSIVE)
  const forMs = holdingMs(worker)
  const renew = chance.of(0.85)
  const wait = chance.of(0.4) ? 0 : WAIT
  const fair = chance.pick(['global', 'global', 'process', false] as const)
  const stay = await hold(worker, { lock, options: { renew, wait, fair }, forMs })
  if (stay) await workUnder(worker, stay, forMs)
}

async function guardedByReplicas(worker: Worker): Promise<void> {
  const forMs = holdingMs(worker)
  const wish = { lock: worker.chance.pick(CONFIRMED), forMs }
  const stay = await hold(worker, { ...wish, options: { wait: WAIT }, locks: worker.confirmed })
  if (stay) await workUnder(worker, stay, forMs)
}

async function steal(worker: Worker): Promise<void> {
  const lock = worker.chance.pick(EXCLUSIVE)
  const stay = await hold(worker, { lock, options: { steal: true }, forMs: 50 })
  if (stay) await workUnder(worker, stay, 50)
}

/** What the lock is for, and then one of the ways to part with it. */
async function workUnder(worker: Worker, stay: Stay, forMs: number): Promise<void> {
  const { chance, link } = worker
  await useResource(worker, stay, forMs)
  if (chance.of(0.05)) {
    const grant = stay.handOver()
    if (grant) link.report({ is: 'hands-over', grant, lock: stay.lock })
    return
  }
  if (chance.of(0.1)) await stay.extend()
  await stay.release()
}

async function permits(worker: Worker): Promise<void> {
  const forMs = holdingMs(worker)
  const stay = await hold(worker, {
    lock: 'two',
    options: { permits: PERMITS, wait: worker.chance.of(0.3) ? 0 : WAIT },
    capacity: PERMITS,
    forMs,
  })
  await stay?.stay(forMs)
  await stay?.release()
}

async function readersAndWriters(worker: Worker): Promise<void> {
  const mode = worker.chance.of(0.75) ? 'shared' : 'exclusive'
  const forMs = worker.chance.between(1, 80)
  const stay = await hold(worker, {
    lock: 'readers',
    options: { mode, wait: WAIT },
    units: mode === 'shared' ? 1 : WRITER,
    capacity: WRITER,
    forMs,
  })
  await stay?.stay(forMs)
  await stay?.release()
}
