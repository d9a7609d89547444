import type { Bug } from '../bug.ts'

const CAS_CACHE = 'core/src/cas/cas-cache.ts'
const LOAD_PLACE = 'core/src/cas/load-place.ts'
const busy = { keys: 1, clients: 3, rounds: 5, thinkMsMax: 50 } as const

/** A cache derived from compare-and-set. */
export const casCacheBugs: readonly Bug[] = [
  {
    name: 'commitSets',
    about: 'a loaded value is stored, whatever has become of its load since the look at it',
    where: 'memcached cache',
    breaks: ['P8', 'P7'],
    patches: [
      {
        file: CAS_CACHE,
        search: `const stored = main
      ? await this.#cas.compareAndSet({ ...write, version: main.version })
      : await this.#cas.add(write)
    return stored !== undefined`,
        replace: 'await this.#cas.set(write)\n    return main !== undefined',
      },
    ],
    faults: { slow: 0.3 },
    cachePlan: { ...busy, delete: 0.3, set: 0.1 },
  },
  {
    name: 'markOverwritten',
    about: 'who is late to an election overwrites the mark of who was elected',
    where: 'memcached cache',
    breaks: ['P7'],
    patches: [
      {
        file: LOAD_PLACE,
        search: `const stored = there
    ? await cas.compareAndSet({ key, version: there.version, value, ttlMs })
    : await cas.add({ key, value, ttlMs })
  return stored !== undefined`,
        replace: 'await cas.set({ key, value, ttlMs })\n  return there !== null',
      },
    ],
    cachePlan: { ...busy, clients: 4 },
  },
  {
    name: 'anyMarkWillDo',
    about: 'a load that was voided commits under the mark of the next one',
    where: 'memcached cache',
    breaks: ['P7', 'P8'],
    patches: [
      {
        file: CAS_CACHE,
        search: 'if (mark?.holder !== token) return false',
        replace: 'if (!mark?.holder || !token) return false',
      },
    ],
    cachePlan: { ...busy, delete: 0.3, loadMs: [20, 600] },
  },
  {
    name: 'deleteSparesMark',
    about: 'a delete leaves the mark of a load alone, since there is no entry',
    where: 'memcached cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'core/src/cas/cache-store-from-cas.ts',
        search: 'if (!found) return false',
        replace: 'if (!found || !decodeValue(found.value).entry) return false',
      },
    ],
    cachePlan: { ...busy, delete: 0.3, loadMs: [20, 600] },
  },
  {
    name: 'markUnbound',
    about: 'the mark of a load stays good when its entry is replaced',
    where: 'memcached cache',
    breaks: ['P8', 'P7'],
    patches: [
      {
        file: LOAD_PLACE,
        search: 'const valid = mark?.seen === seen ? mark : undefined',
        replace: 'const valid = mark',
      },
    ],
    cachePlan: { ...busy, set: 0.3, ttlMs: [20, 300], graceMsMax: 1000, loadMs: [20, 600] },
  },
  {
    name: 'electedAgain',
    about:
      'an election goes on that its caller has given up, and nobody loads until its lease ends',
    where: 'memcached cache',
    breaks: ['P7'],
    patches: [
      {
        file: 'core/src/cas/cache-store-from-cas.ts',
        search:
          "if (!electing.has(token)) throw new StoreUnavailableError('the election was given up')",
        replace: '',
      },
    ],
    faults: { slow: 0.3, resend: 0.3 },
    cachePlan: { ...busy, workers: 3, ttlMs: [20, 300] },
  },
]
