import { createLocks, memoryStore } from '@locks/memory'
import { loadPeer } from '../peers/load-peer.ts'
import type { Pair } from './pair.ts'

/** A lock of one process. */
export interface InProcessContender {
  readonly settings: string
  open(): Promise<Pair>
}

interface Mutex {
  acquire(): Promise<() => void>
}

interface AsyncLock {
  acquire(name: string, run: () => Promise<unknown>): Promise<void>
}

export const OURS = '@locks/memory'
export const LOCAL = "@locks/memory, fair: 'process'"
export const MUTEX = 'async-mutex'
export const ASYNC_LOCK = 'async-lock'

const ours = (fair: 'global' | 'process'): InProcessContender => ({
  settings: `fair: '${fair}', no limit to the wait`,
  async open() {
    const locks = createLocks(memoryStore(), { wait: Infinity, fair })
    return async (name, section) => {
      const lock = await locks.acquire(name)
      if (section) await section()
      return lock.release()
    }
  },
})

export const inProcessContenders: Readonly<Record<string, InProcessContender>> = {
  [OURS]: ours('global'),
  [LOCAL]: ours('process'),
  [MUTEX]: {
    settings: 'a Mutex per name, in a Map',
    async open() {
      const { Mutex } = await loadPeer<{ Mutex: new () => Mutex }>('async-mutex')
      const mutexes = new Map<string, Mutex>()
      return async (name, section) => {
        const mutex = mutexes.get(name) ?? new Mutex()
        mutexes.set(name, mutex)
        const release = await mutex.acquire()
        if (section) await section()
        release()
      }
    },
  },
  [ASYNC_LOCK]: {
    settings: 'maxPending 1,000,000',
    async open() {
      const { default: Lock } = await loadPeer<{
        default: new (options: object) => AsyncLock
      }>('async-lock')
      const lock = new Lock({ maxPending: 1_000_000 })
      const nothing = async () => {}
      return (name, section = nothing) => lock.acquire(name, section)
    },
  },
}
