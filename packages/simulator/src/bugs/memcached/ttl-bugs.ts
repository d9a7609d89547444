import type { Bug } from '../bug.ts'

const WIRE_TTL = 'memcached/src/wire-ttl.ts'
const SECONDS = 'Math.ceil(ttlMs / 1000) + 1'

/** Lifetimes of a store that counts in seconds. */
export const ttlBugs: readonly Bug[] = [
  {
    name: 'ttlFloored',
    about: 'a fraction of a second is cut off',
    where: 'memcached locks',
    breaks: ['P1'],
    patches: [{ file: WIRE_TTL, search: SECONDS, replace: 'Math.floor(ttlMs / 1000) + 1' }],
  },
  {
    name: 'firstSecondShort',
    about: 'nobody reckons with the second that has begun',
    where: 'memcached locks',
    breaks: ['P1'],
    patches: [{ file: WIRE_TTL, search: SECONDS, replace: 'Math.ceil(ttlMs / 1000)' }],
  },
  {
    name: 'ttlRoundedToZero',
    about: 'a short lifetime is sent as 0, which is none',
    where: 'memcached locks',
    breaks: ['P3', 'P1'],
    patches: [{ file: WIRE_TTL, search: SECONDS, replace: 'Math.floor(ttlMs / 1000)' }],
  },
  {
    name: 'ttlOvercounted',
    about: 'a holder believes in all of the last second',
    where: 'memcached locks',
    breaks: ['P1'],
    patches: [
      {
        file: 'core/src/cas/ttl-steps.ts',
        search: 'return Math.ceil(ttlMs / this.#stepMs) * this.#stepMs',
        replace: 'return (Math.ceil(ttlMs / this.#stepMs) + 1) * this.#stepMs',
      },
    ],
    memLockPlan: { extend: 0.5 },
  },
  {
    name: 'undoneByAskedTtl',
    about: 'what may have been granted is forgotten after its ttl, and the store keeps it longer',
    where: 'memcached locks',
    breaks: ['P2'],
    patches: [
      {
        file: 'core/src/lock/lease-client.ts',
        search: 'return stepMs === 1 ? ttlMs : (Math.ceil(ttlMs / stepMs) + 1) * stepMs',
        replace: 'return stepMs && ttlMs',
      },
    ],
    faults: { loseReply: 0.4, loseRequest: 0.3, outagesMax: 2 },
    memLockPlan: {
      ...{ ttlMs: [50, 100], graceMsMax: 0, storeTimeoutMs: 200, troubleMs: 4000 },
      ...{ restartsMax: 0, evictionsMax: 0 },
    },
  },
]
