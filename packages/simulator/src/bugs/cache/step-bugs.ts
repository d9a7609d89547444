import type { Bug } from '../bug.ts'

const CACHE_STEP = 'core/src/spec/cache-step.ts'

/** Wrong mechanism: what the cache's server does. */
export const stepBugs: readonly Bug[] = [
  {
    name: 'noRecheck',
    about: 'an election does not look for a newer value first',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'if (entry && entry.version !== seen) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'leaseToAnybody',
    about: 'a lease is given away while it stands',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'if (lease?.holder !== undefined && lease.holder !== token) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'commitUnfenced',
    about: 'a load commits without a lease',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: CACHE_STEP,
        search:
          'if (lease?.holder !== request.token) return false\n    put(state, request, nowMs)\n    if (lease.awaited)',
        replace: 'put(state, request, nowMs)\n    if (lease?.awaited)',
      },
    ],
    cachePlan: { delete: 0.3 },
  },
  {
    name: 'deleteLeavesLease',
    about: 'a delete does not void the load under way',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'delete state.entry\n    voidLease(state, signal)',
        replace: 'delete state.entry',
      },
    ],
    cachePlan: { delete: 0.3 },
  },
  {
    name: 'writeLeavesLease',
    about: 'a set does not void the load under way',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'voidLease(state, signal)\n    put(state, request, nowMs)',
        replace: `const { lease } = state
    put(state, request, nowMs)
    if (lease) state.lease = lease`,
      },
    ],
    cachePlan: { set: 0.3 },
  },
  {
    name: 'entryWithoutEnd',
    about: 'a value is stored without a TTL',
    where: 'cache',
    breaks: ['P3'],
    patches: [
      { file: CACHE_STEP, search: 'untilMs: nowMs + ttlMs }', replace: 'untilMs: Infinity }' },
    ],
  },
  {
    name: 'renewNoToken',
    about: "a renewal moves the end of anybody's lease",
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'if (state.lease?.holder !== token) return false',
        replace: 'if (!state.lease) return false',
      },
    ],
    cachePlan: { delete: 0.2, leaseMs: 100, loadMs: [100, 600] },
  },
  {
    name: 'failNoToken',
    about: "a failed load ends anybody's lease",
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'if (lease?.holder !== token) return\n    delete state.lease',
        replace: 'if (!lease) return\n    delete state.lease',
      },
    ],
    cachePlan: { loadFails: 0.5, delete: 0.2, keys: 1 },
  },
  {
    name: 'failureForAll',
    about: 'the reason of a failed load is told to those who did not wait for it',
    where: 'cache',
    // One of the reasons is that a value cannot be handed over: then each loads for himself.
    breaks: ['rejection', 'P7'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'if (awaited !== undefined && lease?.failed?.token === awaited) {',
        replace: 'if (lease?.failed) {',
      },
    ],
    cachePlan: { loadFails: 0.5, loadMs: [1, 50], thinkMsMax: 2500, rounds: 5, keys: 1 },
  },
  {
    name: 'lateWriteNotRefused',
    about: 'the server executes a `set` however late',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: CACHE_STEP,
        search: 'request.notAfterMs !== undefined && nowMs > request.notAfterMs',
        replace: 'false',
      },
    ],
    faults: { late: 0.25 },
    cachePlan: { set: 0.4 },
  },
]
