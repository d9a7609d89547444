import type { Bug } from '../bug.ts'

const FETCHER = 'herd-cache/src/fetcher.ts'
const ENTRY_CACHE = 'herd-cache/src/entry-cache.ts'
const ENTRY_READER = 'herd-cache/src/entry-reader.ts'

/** What callers get. */
export const valueBugs: readonly Bug[] = [
  {
    name: 'staleJoiners',
    about: 'who asks after a delete joins a load from before it',
    where: 'cache',
    breaks: ['P8'],
    patches: [{ file: FETCHER, search: 'this.#flights.detach(key)', replace: '' }],
    cachePlan: { delete: 0.3, workers: 3, keys: 1, loadMs: [20, 600] },
  },
  {
    name: 'rejectedStays',
    about: 'a failed load is remembered and told to later callers',
    where: 'cache',
    breaks: ['rejection'],
    patches: [
      {
        file: 'herd-cache/src/single-flight.ts',
        search: 'flight.then(land, land)',
        replace: 'flight.then(land, () => {})',
      },
    ],
    cachePlan: { loadFails: 0.3, loadMs: [1, 50], thinkMsMax: 1500, rounds: 5 },
  },
  {
    name: 'staleIsFresh',
    about: '`get` returns values whose ttl is over',
    where: 'cache',
    breaks: ['fresh', 'P8'],
    patches: [
      { file: ENTRY_CACHE, search: "if (found?.state !== 'fresh') {", replace: 'if (!found) {' },
    ],
    cachePlan: { get: 0.4, ttlMs: [5, 50], graceMsMax: 1000 },
  },
  {
    name: 'wallClockFreshness',
    about: 'freshness is judged by the wall clock of each process',
    where: 'cache',
    breaks: ['fresh', 'P7'],
    patches: [
      {
        file: 'herd-cache/src/cache-client.ts',
        search: 'return this.#storeClock.now()',
        replace: 'return this.#clock.wall()',
      },
    ],
    faults: { wallJumpsMax: 2 },
    cachePlan: { get: 0.3, rounds: 5 },
  },
  {
    name: 'storeErrorThrown',
    about: 'a read that fails is an error instead of a miss',
    where: 'cache',
    breaks: ['error'],
    patches: [
      {
        file: ENTRY_READER,
        search: "const answered = (error as LocksError).code !== 'STORE_UNAVAILABLE'",
        replace: 'const answered = true\n      if (!answered || keys) throw error',
      },
    ],
    faults: { loseRequest: 0.2 },
  },
]
