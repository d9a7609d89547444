import type { Bug } from '../bug.ts'

const REPLAY = 'herd-cache/src/delete-replay.ts'
const CLIENT = 'herd-cache/src/cache-client.ts'
const OUTAGE = 'herd-cache/src/outage.ts'
const LOST = { loseRequest: 0.3, outagesMax: 2 } as const
const DELETES = { keys: 1, delete: 0.3, set: 0.1, get: 0.2, rounds: 5, thinkMsMax: 50 } as const
const LASTING = { ...DELETES, ttlMs: [500, 5000] } as const
const BEHIND_OLD = {
  ...{ keys: 1, workers: 3, rounds: 5, thinkMsMax: 50, delete: 0, set: 0, expire: 0, tags: 0 },
  ...{ keptMsMax: 2000, graceMsMax: 0, softTimeoutMs: 50, errorBackoffMs: 0, microTtlMs: 0 },
  ttlMs: [20, 300],
  loadMs: [20, 600],
} as const

/** The store away, and what is made good afterwards. */
export const outageBugs: readonly Bug[] = [
  {
    name: 'failedDeleteForgotten',
    about: 'a delete that has failed is not made good: its process reads the old value',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      { file: REPLAY, search: 'for (const key of keys) this.#marks.set(key, {})', replace: '' },
    ],
    faults: LOST,
    cachePlan: LASTING,
  },
  {
    name: 'readsBeforeReplay',
    about: 'a key is read although its delete is still to be made good',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: CLIENT,
        search: 'return this.#upToDate(keys, () => this.#bounded(() => this.#store.read(keys)))',
        replace: 'return this.#bounded(() => this.#store.read(keys))',
      },
    ],
    faults: LOST,
    cachePlan: LASTING,
  },
  {
    name: 'replaysValue',
    about: 'a set that has failed is repeated later, and overwrites what has come since',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: CLIENT,
        search: 'await this.#superseding([request.key], () =>',
        replace: `const again = () => void this.write(request).catch(() => {})
    if (this.#replay.among([request.key]).length > 0) this.#clock.after(3000, again)
    await this.#superseding([request.key], () =>`,
      },
    ],
    faults: LOST,
    cachePlan: { ...LASTING, set: 0.3 },
  },
  {
    name: 'keptThroughDelete',
    about: 'what was loaded without the store is served after a delete of the same process',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: OUTAGE,
        search: 'this.#kept.delete(key)\n  }\n\n  async #load',
        replace: '}\n\n  async #load',
      },
    ],
    faults: { ...LOST, loseRequest: 0.5 },
    cachePlan: { ...DELETES, loadMs: [1, 50], microTtlMs: 1000 },
  },
  {
    name: 'keptAfterDetach',
    about: 'a load without the store is kept although a delete came during it',
    where: 'cache',
    breaks: ['P8'],
    patches: [{ file: OUTAGE, search: '!job.isJoinable() || ', replace: '' }],
    faults: { ...LOST, loseRequest: 0.5 },
    cachePlan: { ...DELETES, workers: 3, loadMs: [20, 600], microTtlMs: 1000 },
  },
  {
    name: 'besideOutage',
    about: 'a load without the store begins beside one that goes on behind an old value',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: OUTAGE,
        search: 'await loadAlone(parts, job, (own) => this.#load(parts, own))',
        replace: 'await this.#load(parts, job)',
      },
    ],
    faults: { ...LOST, loseRequest: 0.5 },
    cachePlan: BEHIND_OLD,
  },
  {
    name: 'outageAfterDelete',
    about: 'a load without the store is joined by who asks after a delete',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'herd-cache/src/fetcher.ts',
        search: 'this.#parts.alone.detach(key)\n',
        replace: '',
      },
    ],
    faults: { ...LOST, loseRequest: 0.5 },
    cachePlan: { ...DELETES, workers: 3, loadMs: [20, 600], microTtlMs: 0 },
  },
  {
    name: 'keptForever',
    about: 'what was loaded without the store is served for longer than its moment',
    where: 'cache',
    breaks: ['P8'],
    patches: [{ file: OUTAGE, search: 'kept.untilMs > clock.now() && ', replace: '' }],
    faults: { ...LOST, loseRequest: 0.5 },
    cachePlan: { ...DELETES, loadMs: [1, 50], microTtlMs: 0, clients: 3 },
  },
  {
    name: 'neverCloses',
    about: 'the store is not asked any more after an outage',
    where: 'cache',
    breaks: ['needless', 'P7'],
    patches: [
      {
        file: 'herd-cache/src/breaker.ts',
        search: "if (isProbe) this.#enter('closed')",
        replace: '',
      },
    ],
    faults: LOST,
    cachePlan: { ...DELETES, rounds: 5, thinkMsMax: 400 },
  },
]
