import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, Site } from './job.ts'

/** In all processes together, these names are always in somebody's hands. */
const BUSY = 3
/** A store may remember the last fence of a name for a day: new names for ever would be growth by design. */
const NAMES = 200

export const lockJobs: Readonly<Record<string, Job>> = {
  async uncontended({ locks }, n) {
    await using lock = await locks.acquire(`mine:${process.pid}:${n % NAMES}`)
    await lock.extend()
    await lock.release()
  },

  contended: ({ locks, forever }, n) =>
    locks.request(`busy:${n % BUSY}`, { wait: '30s', signal: forever }, () => sleep(2)),

  async tried({ locks }, n) {
    const lock = await locks.tryAcquire(`busy:${n % BUSY}`)
    await lock?.release()
  },

  async readers({ locks, queues }, n) {
    if (!queues) return
    const mode = n % 4 === 0 ? 'exclusive' : 'shared'
    await locks.request('document', { mode, wait: '30s' }, () => sleep(1))
  },

  async permits({ locks, queues }) {
    if (queues) await locks.request('pool', { permits: 2, wait: '30s' }, () => sleep(1))
  },

  several: ({ locks }, n) =>
    locks.requestAll([`pair:${n % 2}`, 'pair:2'], { wait: '30s' }, () => sleep(1)),

  timedOut: (site, n) =>
    besideHeld(site, n, (name) => site.locks.acquire(name, { wait: 5, signal: site.forever })),

  aborted: (site, n) =>
    besideHeld(site, n, async (name) => {
      const controller = new AbortController()
      const waiting = site.locks.acquire(name, { signal: controller.signal })
      await Promise.all([waiting, sleep(3).then(() => controller.abort())])
    }),

  /** Its lease ends by itself, and is seen to. */
  async expired({ locks }, n) {
    const name = `short:${process.pid}:${n % NAMES}`
    const lock = await locks.acquire(name, { ttl: 1000, renew: false, maxHold: 20 })
    await new Promise((resolve) => lock.signal.addEventListener('abort', resolve))
  },
}

/** Asks for what this process holds already, in vain. */
async function besideHeld(
  { locks }: Site,
  n: number,
  ask: (name: string) => Promise<unknown>,
): Promise<void> {
  const name = `held:${process.pid}:${n}`
  await using _lock = await locks.acquire(name)
  await ask(name).catch(ignoreAbort)
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
