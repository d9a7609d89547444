import type { Bug } from '../bug.ts'

const FETCHER = 'herd-cache/src/fetcher.ts'
const ENTRY_CACHE = 'herd-cache/src/entry-cache.ts'
const ENTRY_READER = 'herd-cache/src/entry-reader.ts'
const READ_BATCH = 'herd-cache/src/read-batch.ts'
const TOGETHER = { together: 0.7, keys: 2, get: 0.3, ttlMs: [500, 5000] } as const

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
    breaks: ['fresh', 'P7', 'dated'],
    patches: [
      {
        file: 'herd-cache/src/cache-client.ts',
        search: 'return this.#calls.storeClock.now()',
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
        search: "return (error as LocksError).code === 'STORE_UNAVAILABLE' ? 'trouble' : 'miss'",
        replace: 'throw error',
      },
    ],
    faults: { loseRequest: 0.2 },
  },
  {
    name: 'batchMisplaced',
    about: 'values that are read together are mixed up',
    where: 'cache',
    breaks: ['value'],
    patches: [
      {
        file: READ_BATCH,
        search: 'return this.#keys.push(key) - 1',
        replace: 'return Math.max(0, this.#keys.push(key) - 2)',
      },
    ],
    cachePlan: TOGETHER,
  },
  {
    name: 'lateJoinsRead',
    about: 'who asks after a delete is given what was read before it',
    where: 'cache',
    breaks: ['P8', 'P7'],
    patches: [
      {
        file: READ_BATCH,
        search: 'return !this.#isSent && this.#keys.length < KEYS_MAX',
        replace: 'return true',
      },
      {
        file: READ_BATCH,
        search: 'return this.#keys.push(key) - 1',
        replace: `const known = this.#keys.indexOf(key)
    return known < 0 ? this.#keys.push(key) - 1 : known`,
      },
    ],
    cachePlan: { ...TOGETHER, delete: 0.3 },
  },
  {
    name: 'batchOfOneKey',
    about: 'what the first of those who ask together finds is the answer to all',
    where: 'cache',
    breaks: ['value'],
    patches: [
      {
        file: ENTRY_READER,
        search: 'const entry = entries[at]',
        replace: 'const entry = entries[at] && entries[0]',
      },
    ],
    cachePlan: TOGETHER,
  },
]
