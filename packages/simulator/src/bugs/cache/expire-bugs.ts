import type { Bug } from '../bug.ts'

const ENTRY_WRITER = 'herd-cache/src/entry-writer.ts'
const EXPIRES = { expire: 0.3, keys: 1, get: 0.2, loadMs: [20, 600], ttlMs: [500, 5000] } as const

/** Making a value stale before its time. */
export const expireBugs: readonly Bug[] = [
  {
    name: 'expireKeepsStamp',
    about: 'a value that was made stale is put back as it was',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'herd-cache/src/pipeline/pipeline.ts',
        search: 'encodeEnvelope({ ...envelope, softExpiresAtMs }, envelope.payload)',
        replace: 'encodeEnvelope(envelope, envelope.payload)',
      },
    ],
    cachePlan: { ...EXPIRES, graceMsMax: 1000 },
  },
  {
    name: 'expireGivesUp',
    about: 'a value that was set in between stays fresh, though what it is made of has changed',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: ENTRY_WRITER,
        search: "if ((await client.compareAndSet(change)).state === 'written') return wasFresh",
        replace: 'await client.compareAndSet(change)\n      return wasFresh',
      },
    ],
    // A value that was made before must come between the reading and the comparing, and stay.
    faults: {
      ...{ slow: 0.3, latencyMs: 1, loseRequest: 0, loseReply: 0, reset: 0 },
      ...{ outagesMax: 0, pausesMax: 0, crash: 0 },
    },
    cachePlan: {
      ...{ ...EXPIRES, graceMsMax: 1000, loadMs: [1, 50], get: 0.1, set: 0.3, delete: 0 },
      ...{ tags: 2, invalidate: 0, clear: 0, clients: 4, workers: 2, rounds: 8 },
      ...{ thinkMsMax: 50, storeTimeoutMs: 250 },
    },
  },
  {
    name: 'expireSparesLoads',
    about: 'without an entry the load under way is left alone',
    where: 'cache',
    breaks: ['P8'],
    patches: [{ file: ENTRY_WRITER, search: 'await client.remove([key])', replace: '' }],
    cachePlan: EXPIRES,
  },
  {
    name: 'compareLeavesLease',
    about: 'a value put back by comparison does not void the load behind it',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'core/src/spec/cache-step.ts',
        search: 'voidLease(state, signal)\n      put(state, request, nowMs)',
        replace: `const { lease } = state
      put(state, request, nowMs)
      if (lease) state.lease = lease`,
      },
    ],
    cachePlan: { ...EXPIRES, graceMsMax: 1000, ttlMs: [20, 300] },
  },
]
