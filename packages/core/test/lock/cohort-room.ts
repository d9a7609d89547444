import type { AcquireOptions } from '../../src/lock/options.ts'
import { engineRoom } from '../helpers/engine-room.ts'
import { watch } from '../helpers/settling.ts'

export const LOCAL = { fair: 'process', wait: Infinity } as const

/** Several callers of one process that want the name `n`. */
export function cohortRoom() {
  const { clock, store, locks, events } = engineRoom()
  const ask = (options: AcquireOptions = {}) =>
    watch(clock, locks.acquire('n', { ...LOCAL, ...options }))
  const askAll = async (count: number) => {
    const callers = Array.from({ length: count }, () => ask())
    await clock.settle()
    return callers
  }
  return { clock, store, locks, events, ask, askAll }
}
