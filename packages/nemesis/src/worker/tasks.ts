import { setTimeout as sleep } from 'node:timers/promises'
import type { LockGrant } from '@locks/core'
import { CONFIRMED, EXCLUSIVE } from '../lock-names.ts'
import { codeOf } from './failure.ts'
import { hold } from './hold.ts'
import { Stay } from './stay.ts'
import { useCache } from './use-cache.ts'
import { useCounter } from './use-counter.ts'
import type { Worker } from './worker.ts'

const PERMITS = 2
const WRITER = 2 ** 31
const WAIT = '8s'

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
  ]
  if (store.leave) tasks.push({ weight: 8, run: permits }, { weight: 12, run: readersAndWriters })
  if (store.steal) tasks.push({ weight: 1, run: steal })
  if (confirmed) tasks.push({ weight: 12, run: guardedByReplicas })
  return tasks
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
  const stay = await hold(worker, { lock, options: { renew, wait }, forMs })
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

/** Reads, takes its time, and writes back if it still believes in its lock. */
async function useResource(worker: Worker, stay: Stay, forMs: number): Promise<void> {
  const { link, recorder, unique } = worker
  const { lock, fence } = stay
  const base = await link.ask({ lock, fence })
  if (!base) return
  await stay.stay(forMs)
  if (!stay.held) return
  const element = unique()
  if (fence === undefined) {
    await link.ask({ lock, write: { base, element } })
    return
  }
  const asked = [
    recorder.begin('add-to-set', { set: base.set.name, element, fence }),
    recorder.begin('write-counter', { counter: lock, value: base.fenced + 1, fence }),
  ]
  const seen = await link.ask({ lock, fence, write: { base, element } })
  for (const each of asked) each.end({ is: seen ? 'written' : 'rejected' })
}

/** A lock that somebody else has held until now. */
export async function adopt(worker: Worker, lock: string, grant: LockGrant): Promise<void> {
  const { recorder, ttlMs } = worker
  const asked = recorder.begin('acquire', { lock, ttlMs })
  try {
    const handle = await worker.locks.adopt(grant)
    asked.end({ is: 'granted', token: handle.token })
    const stay = new Stay(worker, lock, handle, 50)
    await useResource(worker, stay, 50)
    await stay.release()
  } catch (error) {
    asked.end({ is: 'unknown', code: codeOf(error, worker) })
  }
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

/** Works until told to stop. */
export async function workOn(worker: Worker, isOver: () => boolean): Promise<void> {
  // So often as it weighs.
  const urn = tasksOf(worker).flatMap(({ weight, run }) =>
    Array.from({ length: weight }, () => run),
  )
  while (!isOver()) {
    const task = worker.chance.pick(urn)
    await task(worker).catch((error) => codeOf(error, worker))
    await sleep(worker.chance.between(10, 60))
  }
}
