import { createLocks, type LeaseStore } from '@locks/herd-cache'

/** One contender's time with the lock, on the machine's clock. */
export interface Turn {
  readonly contender: string
  readonly fence: number
  readonly startMs: number
  readonly endMs: number
}

const TURN_MS = 20

const nowMs = () => performance.timeOrigin + performance.now()

/** Lets each contender take the lock once and hold it for a moment; their turns as they were. */
export function lockRelay(
  store: LeaseStore,
  runId: string,
  contenders: readonly string[],
  onTurn: () => void,
): Promise<Turn[]> {
  const locks = createLocks(store, { prefix: 'demo', wait: '60s', storeTimeout: '30s' })
  const run = (contender: string) =>
    locks.request([runId, 'relay'], async (lock) => {
      const startMs = nowMs()
      await new Promise((resolve) => setTimeout(resolve, TURN_MS))
      lock.assertHeld()
      onTurn()
      return { contender, fence: lock.fence ?? 0, startMs, endMs: nowMs() }
    })
  return Promise.all(contenders.map(run))
}
