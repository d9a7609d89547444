import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from './failure.ts'
import type { Worker } from './worker.ts'

/** One call to the cache: mostly a read that loads what is missing. */
export async function useCache(worker: Worker): Promise<void> {
  const { chance } = worker
  const key = chance.pick(['x', 'y', 'z'])
  if (chance.of(0.75)) await getOrSet(worker, key)
  else if (chance.of(0.3)) await get(worker, key)
  else if (chance.of(0.6)) await remove(worker, key)
  else await set(worker, key)
}

async function getOrSet(worker: Worker, key: string): Promise<void> {
  const { cache, chance, recorder, unique } = worker
  const reading = recorder.begin('getOrSet', { key })
  const loader = async () => {
    const loading = recorder.begin('load', { key, freshMs: 0 })
    const value = unique()
    await sleep(chance.of(0.1) ? chance.between(100, 600) : chance.between(1, 30))
    loading.end({ is: 'loaded', value })
    return value
  }
  try {
    reading.end({ is: 'found', value: await cache.getOrSet(key, loader) })
  } catch (error) {
    reading.end({ is: 'unknown', code: codeOf(error, worker) })
  }
}

async function get({ cache, recorder }: Worker, key: string): Promise<void> {
  const reading = recorder.begin('get', { key })
  const value = await cache.get<string>(key)
  // A store in trouble is a miss, too.
  reading.end(value === undefined ? { is: 'unknown' } : { is: 'found', value })
}

async function remove(worker: Worker, key: string): Promise<void> {
  const removing = worker.recorder.begin('delete', { key })
  try {
    await worker.cache.delete(key)
    removing.end({ is: 'done' })
  } catch (error) {
    removing.end({ is: 'unknown', code: codeOf(error, worker) })
  }
}

async function set(worker: Worker, key: string): Promise<void> {
  const value = worker.unique()
  const setting = worker.recorder.begin('set', { key, value })
  try {
    await worker.cache.set(key, value)
    setting.end({ is: 'done' })
  } catch (error) {
    setting.end({ is: 'unknown', code: codeOf(error, worker) })
  }
}
