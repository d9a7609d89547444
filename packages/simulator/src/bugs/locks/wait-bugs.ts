import type { Bug } from '../bug.ts'

const ACQUIRE = 'core/src/lock/acquire.ts'

/** Waiting and its ends. */
export const waitBugs: readonly Bug[] = [
  {
    name: 'sleepyWaiter',
    about: 'the back-off grows without a useful limit',
    where: 'locks',
    breaks: ['wait'],
    patches: [{ file: ACQUIRE, search: 'maxMs: 500', replace: 'maxMs: 60_000' }],
    plan: { names: 1, clients: 4, ttlMs: [1000, 4000] },
  },
  {
    name: 'waitsPastEnd',
    about: 'the last pause is not cut to the end of the wait',
    where: 'locks',
    breaks: ['wait'],
    patches: [{ file: ACQUIRE, search: 'Math.min(backOffMs, leftMs)', replace: 'backOffMs' }],
    plan: { names: 1, ttlMs: [1000, 4000], storeTimeoutMs: 80 },
  },
  {
    name: 'abortUnheard',
    about: 'an abort is not noticed while a waiter sleeps, before the store can queue it',
    where: 'locks',
    breaks: ['wait'],
    patches: [
      {
        file: 'core/src/sleep.ts',
        search: '      cancel()\n      stop()\n      reject(reason)',
        replace: '      void reason, reject',
      },
    ],
    plan: { queue: true, names: 1, abort: 0.5 },
    faults: { subscribeFails: 0.8 },
  },
  {
    name: 'noDeadline',
    about: 'a store call may take for ever',
    where: 'locks',
    // Nobody notices that there was no answer, so nothing is undone; and one that comes after its deadline
    // makes a holder of a token that should have been given up, which is then extended.
    breaks: ['wait', 'P2', 'P5', 'line'],
    patches: [
      {
        file: 'core/src/deadline.ts',
        search: 'clock.after(deadlineMs, expire',
        replace: 'clock.after(1e9, expire',
      },
    ],
    faults: { loseRequest: 0.1 },
  },
  {
    name: 'rungTooEarly',
    about:
      'the timer behind the pushes rings before the end that was told last, and is not armed anew',
    where: 'locks',
    breaks: ['wait', 'queue'],
    patches: [
      {
        file: 'core/src/lock/name-queue.ts',
        search: 'this.#arm(nowMs)\n      return',
        replace: 'return',
      },
    ],
    faults: { crash: 0.5 },
    plan: { queue: true, names: 1, clients: 4 },
  },
]
