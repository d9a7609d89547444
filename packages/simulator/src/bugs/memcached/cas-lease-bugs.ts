import type { Bug } from '../bug.ts'
import { override } from '../override.ts'

const CAS_LEASES = 'core/src/cas/cas-leases.ts'
const LEASE_STORE = 'core/src/cas/lease-store-from-cas.ts'
const busy = { names: 1, clients: 4, ttlMs: [50, 900] } as const

/** Leases derived from compare-and-set. */
export const casLeaseBugs: readonly Bug[] = [
  {
    name: 'idOutlivesConnection',
    about: 'an id is sent on another connection than the one that told it',
    where: 'memcached locks',
    breaks: ['touch'],
    patches: [],
    transport: (transport) =>
      override(transport, {
        compareAndSet: (write, version) =>
          transport.compareAndSet(write, { ...version, connection: transport.connection }),
        compareAndDelete: (key, version) =>
          transport.compareAndDelete(key, { ...version, connection: transport.connection }),
      }),
    memLockPlan: { ...busy, tells: true, restartsMax: 2, thinkMsMax: 5, rounds: 3 },
  },
  {
    name: 'releaseUnread',
    about: 'a release removes what it finds, whoever it belongs to',
    where: 'memcached locks',
    breaks: ['touch'],
    patches: [
      {
        file: LEASE_STORE,
        search: 'if (found?.token !== token) return notMine(found)',
        replace: 'if (!found) return notMine(found)',
      },
    ],
    memLockPlan: busy,
  },
  {
    name: 'extendUnread',
    about: 'an extend replaces what it finds, whoever it belongs to',
    where: 'memcached locks',
    breaks: ['touch'],
    patches: [
      {
        file: LEASE_STORE,
        search: 'if (!isMine) return notMine(found)',
        replace: 'if (!isMine && !found) return notMine(found)',
      },
    ],
    faults: { pausesMax: 2 },
    memLockPlan: { ...busy, extend: 0.5, evictionsMax: 3, rounds: 3, thinkMsMax: 5 },
  },
  {
    name: 'releaseDeletes',
    about: 'a release reads, and then removes whatever is there by then',
    where: 'memcached locks',
    breaks: ['touch'],
    patches: [
      {
        file: CAS_LEASES,
        search: 'return this.#cas.compareAndDelete(key, version)',
        replace: 'return version ? this.#cas.delete(key) : Promise.resolve(false)',
      },
    ],
    faults: { slow: 0.3 },
    memLockPlan: { ...busy, tells: false },
  },
  {
    name: 'acquireSets',
    about: 'an acquire stores, whatever is there',
    where: 'memcached locks',
    breaks: ['touch'],
    patches: [
      {
        file: CAS_LEASES,
        search: 'const added = await this.#cas.add({ key, value: encodeLease(lease), ttlMs })',
        replace: `await this.#cas.set({ key, value: encodeLease(lease), ttlMs })
    const added: { version?: Version } = {}`,
      },
    ],
    memLockPlan: busy,
  },
  {
    name: 'goneIsGranted',
    about: 'a lease that ends between two looks counts as granted',
    where: 'memcached locks',
    breaks: ['P1'],
    patches: [
      {
        file: LEASE_STORE,
        search: `await (found
          ? leases.replace(key, found.version, lease)
          : leases.add(key, lease))`,
        replace: '!found || (await leases.replace(key, found.version, lease))',
      },
    ],
    memLockPlan: busy,
  },
]
