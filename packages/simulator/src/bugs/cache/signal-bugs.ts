import type { Bug } from '../bug.ts'

const LOAD_SIGNALS = 'herd-cache/src/load-signals.ts'
const SLOW_LOADS = { signals: true, keys: 1, clients: 4, leaseMs: 1000, waitMs: 5000 } as const

/** Waiting for a load elsewhere by its signal. */
export const signalBugs: readonly Bug[] = [
  {
    name: 'noRecentSignals',
    about: 'a signal that overtakes the reply is forgotten',
    where: 'cache',
    breaks: ['wait'],
    patches: [{ file: LOAD_SIGNALS, search: 'this.#recent.set(token, signal)', replace: '' }],
    cachePlan: { ...SLOW_LOADS, loadMs: [1, 50] },
  },
  {
    name: 'listensTooLate',
    about: 'whether signals are heard is asked after the command',
    where: 'cache',
    breaks: ['wait'],
    patches: [
      {
        file: 'herd-cache/src/load.ts',
        search: '{ looks, listening, giveUpAtMs }',
        replace: '{ looks, listening: listening || signals.hears(job.key), giveUpAtMs }',
      },
    ],
    faults: { losePush: 0.5, crash: 0.5, dropsMax: 4 },
    cachePlan: { ...SLOW_LOADS, loadMs: [20, 600] },
  },
  {
    name: 'sleepsPastLease',
    about: 'who waits for a signal does not look at the end of the lease in the way',
    where: 'cache',
    breaks: ['wait'],
    patches: [
      {
        file: 'herd-cache/src/await-load.ts',
        search: 'if (load.listening) return load.remainingMs + 1',
        replace: 'if (load.listening) return 60_000 + 1',
      },
    ],
    faults: { losePush: 0.5, crash: 0.5 },
    cachePlan: SLOW_LOADS,
  },
  {
    name: 'sleepsThroughDisconnect',
    about: 'who waits for a signal is not woken when the connection is lost',
    where: 'cache',
    breaks: ['wait'],
    patches: [
      {
        file: LOAD_SIGNALS,
        search: 'disconnected: () => this.#stopListening(),',
        replace: 'disconnected: () => {},',
      },
    ],
    faults: { dropsMax: 6 },
    cachePlan: { ...SLOW_LOADS, loadMs: [20, 600] },
  },
  {
    name: 'signalNotAwaited',
    about: 'the server does not note that somebody waits, and tells nobody',
    where: 'cache',
    breaks: ['wait'],
    patches: [
      {
        file: LOAD_SIGNALS,
        search: 'for (const wake of [...(this.#waiting.get(token) ?? [])]) wake(signal)',
        replace: '',
      },
    ],
    cachePlan: SLOW_LOADS,
  },
]
