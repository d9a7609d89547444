import type { Bug } from '../bug.ts'

const TAG_MARKS = 'herd-cache/src/tags/tag-marks.ts'
const RUN_LOADER = 'herd-cache/src/run-loader.ts'
const ENTRY_CACHE = 'herd-cache/src/entry-cache.ts'
const TAGGED = { tags: 1, keys: 1, get: 0.3, ttlMs: [500, 5000], graceMsMax: 1000 } as const
const ENDS = {
  ...TAGGED,
  expire: 0,
  invalidate: 0.3,
  workers: 3,
  rounds: 5,
  thinkMsMax: 50,
} as const
const CLEARS = { ...ENDS, invalidate: 0, clear: 0.3 } as const

/** Values that end by their tags. */
export const tagBugs: readonly Bug[] = [
  {
    name: 'versionAfterLoad',
    about: 'the versions of its tags are read when a value has been loaded, not before',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: RUN_LOADER,
        search: `const versions = await versionsBefore(parts, job)
    const { made, loadMs } = await load(parts, job)`,
        replace: `const { made, loadMs } = await load(parts, job)
    const versions = await versionsBefore(parts, job)`,
      },
    ],
    cachePlan: { ...ENDS, loadMs: [20, 600] },
  },
  {
    name: 'evictedRevives',
    about: 'a version that is made anew is always the same one',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: TAG_MARKS,
        search: 'const version = mark?.version ?? this.#parts.random.token()',
        replace: "const version = mark?.version ?? 'first'",
      },
    ],
    faults: { idleMs: 0 },
    cachePlan: {
      ...{ ...ENDS, invalidate: 0.2, clear: 0, set: 0, evict: 0.3, tags: 1, keys: 2 },
      ...{ clients: 2, workers: 2, rounds: 8, ttlMs: [5000, 5000], loadMs: [1, 50] },
      ...{ thinkMsMax: 400, troubleMs: 200, storeTimeoutMs: 60 },
    },
  },
  {
    name: 'missingMatches',
    about: 'a version that the store has lost counts as unchanged',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: TAG_MARKS,
        search: 'looks.get(tag)?.mark?.version === version',
        replace: '(looks.get(tag)?.mark?.version ?? version) === version',
      },
    ],
    cachePlan: { ...ENDS, evict: 0.4, rounds: 5, ttlMs: [5000, 5000], thinkMsMax: 50 },
  },
  {
    name: 'invalidatesHereOnly',
    about: 'the store is not told of an invalidation',
    where: 'cache',
    breaks: ['P8'],
    patches: [{ file: ENTRY_CACHE, search: 'await parts.marks.change(tags)', replace: '' }],
    cachePlan: ENDS,
  },
  {
    name: 'graceServesInvalid',
    about: 'what was invalidated is still served as a stale value',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'herd-cache/src/entry-reader.ts',
        search: '!(await this.#isCurrent(cached))',
        replace: '!(await this.#isCurrent(cached)) && client.now() < cached.softExpiresAtMs',
      },
    ],
    cachePlan: { ...ENDS, ttlMs: [20, 300] },
  },
  {
    name: 'expireRevives',
    about: 'a value that was invalidated comes back when it is made stale',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'herd-cache/src/entry-writer.ts',
        search: 'return isCurrent ? entry : undefined',
        replace: 'return entry',
      },
      {
        file: 'herd-cache/src/pipeline/pipeline.ts',
        search: 'encodeEnvelope({ ...envelope, softExpiresAtMs }, envelope.payload)',
        replace: 'encodeEnvelope({ ...envelope, softExpiresAtMs, versions: [] }, envelope.payload)',
      },
    ],
    cachePlan: { ...ENDS, expire: 0.3 },
  },
  {
    name: 'refreshUnchecked',
    about: 'a version is made to last longer, whatever has become of it meanwhile',
    where: 'cache',
    breaks: ['P8', 'P7'],
    patches: [
      {
        file: TAG_MARKS,
        search: "if (state !== 'written') return undefined",
        replace: "if (state !== 'written') await client.write(change)",
      },
      // So that it happens more often.
      {
        file: TAG_MARKS,
        search: 'if (mark && this.#lasts(mark, keepMs)) return mark',
        replace: '',
      },
    ],
    faults: { outagesMax: 0, pausesMax: 0, crash: 0, loseRequest: 0 },
    cachePlan: {
      ...{ ...ENDS, invalidate: 0.3, set: 0.2, delete: 0, tags: 1, keys: 2 },
      ...{ clients: 4, workers: 3, rounds: 12, thinkMsMax: 2, loadMs: [1, 50] },
    },
  },
  {
    name: 'invalidationUnchecked',
    about: 'a version is replaced unseen, so that a repeat of the command brings it back',
    where: 'cache',
    breaks: ['P8', 'P7'],
    patches: [
      {
        file: TAG_MARKS,
        search: 'const { state } = await client.compareAndSet(change)',
        replace: "const { state } = { state: (await client.write(change), 'written') }",
      },
    ],
    faults: {
      ...{ resend: 0.5, latencyMs: 1, slow: 0, late: 0, loseRequest: 0, reset: 0, loseReply: 0 },
      ...{ outagesMax: 0, pausesMax: 0, crash: 0 },
    },
    cachePlan: {
      ...{ ...ENDS, invalidate: 0.3, set: 0, delete: 0, tags: 1, keys: 1, jitter: 0 },
      ...{ clients: 4, workers: 3, rounds: 12, ttlMs: [5000, 5000], loadMs: [1, 5] },
      ...{ thinkMsMax: 50, loadFails: 0, loadsNothing: 0, get: 0 },
      ...{ troubleMs: 2500, storeTimeoutMs: 250 },
    },
  },
  {
    name: 'clearReturnsAtOnce',
    about: '`clear` does not wait for those who go by what they have read before',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: TAG_MARKS,
        search: 'const CLEARED_AFTER_MS = TRUSTED_MS * 1.02 + 2',
        replace: 'const CLEARED_AFTER_MS = 0',
      },
    ],
    cachePlan: CLEARS,
  },
  {
    name: 'joinsInvalidated',
    about: 'who asks after an invalidation joins a load from before it in his own process',
    where: 'cache',
    breaks: ['P8'],
    patches: [{ file: ENTRY_CACHE, search: 'fetcher.detachIf(() => true)', replace: '' }],
    cachePlan: { ...ENDS, loadMs: [20, 600] },
  },
  {
    name: 'signalUnchecked',
    about: 'a value that a load elsewhere has stored is good, whatever its tags are',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'herd-cache/src/cached-value.ts',
        search: 'return isCurrent ? cached : undefined',
        replace: 'return isCurrent === undefined ? undefined : cached',
      },
    ],
    cachePlan: { ...ENDS, signals: true, loadMs: [20, 600] },
  },
]
