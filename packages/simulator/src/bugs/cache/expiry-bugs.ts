import type { Bug } from '../bug.ts'

/** Loading anew before or after the end. */
export const expiryBugs: readonly Bug[] = [
  {
    name: 'earlyUnbounded',
    about: 'values are loaded anew long before their end',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: 'herd-cache/src/early.ts',
        search: 'if (leftMs > maxFraction * ttlMs) return false',
        replace: '',
      },
    ],
    cachePlan: { early: 100, ttlMs: [5000, 5000], loadMs: [20, 600], rounds: 5, thinkMsMax: 50 },
  },
  {
    name: 'earlyUnelected',
    about: 'every process that finds a value about to end loads it anew',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: 'herd-cache/src/load.ts',
        search: "if (reply.state === 'won') {",
        replace: `if (reply.state !== 'trouble') {
    Object.assign(reply, { token: parts.random.token(), ...reply })`,
      },
    ],
    cachePlan: { early: 100, ttlMs: [20, 300], loadMs: [20, 600], rounds: 5, thinkMsMax: 50 },
  },
  {
    name: 'oldValueAfterDelete',
    about:
      'the load behind an old value is joined by whoever asks, after a delete or a newer value',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      { file: 'herd-cache/src/revival.ts', search: 'this.#loads.detach(key)', replace: '' },
      { file: 'herd-cache/src/revival.ts', search: 'found.version,\n', replace: '\n' },
    ],
    cachePlan: {
      ...{ keptMsMax: 2000, graceMsMax: 0, keys: 1, workers: 3, set: 0.3, delete: 0.2 },
      ...{ ttlMs: [20, 300], loadMs: [20, 600], rounds: 5, softTimeoutMs: 50, waitMs: 1000 },
    },
  },
  {
    name: 'newerValueRevivedByOlder',
    about: 'a load that nobody waits for any more is joined by who has read a newer value',
    where: 'cache',
    breaks: ['P8'],
    patches: [{ file: 'herd-cache/src/revival.ts', search: 'found.version,\n', replace: '\n' }],
    faults: { outagesMax: 0, pausesMax: 0, crash: 0 },
    cachePlan: {
      ...{ keptMsMax: 2000, graceMsMax: 0, keys: 1, clients: 3, workers: 3, rounds: 12 },
      ...{ set: 0.2, delete: 0.05, expire: 0, tags: 0, invalidate: 0, clear: 0, close: 0 },
      ...{ ttlMs: [20, 300], loadMs: [20, 600], softTimeoutMs: 50, waitMs: 1000 },
      ...{ thinkMsMax: 50, loadFails: 0 },
    },
  },
]
