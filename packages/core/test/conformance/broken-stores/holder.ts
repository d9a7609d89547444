/**
 * A holder program over the file store. Arguments: the file, how it is broken, and those of the suite.
 * `right` is not broken.
 */
import { setInterval } from 'node:timers'
import { runHolder } from '../../../src/conformance/index.ts'
import type { LeaseStore } from '../../../src/index.ts'
import { fileLeaseStore } from '../file-lease-store.ts'

const [path = '', mistake = 'right'] = process.argv.slice(2)
const store = fileLeaseStore(path)

const mistakes: Readonly<Record<string, Partial<LeaseStore>>> = {
  right: {},
  'lets a lease end with the process': {
    acquire(request) {
      setInterval(() => store.extend({ ...request, ttlMs: 200 }), 50)
      return store.acquire({ ...request, ttlMs: 200 })
    },
  },
  'never ends a lease': {
    acquire: (request) => store.acquire({ ...request, ttlMs: 2 ** 31 - 1 }),
  },
  'keeps its leases to itself': {
    acquire: async ({ ttlMs }) => ({ state: 'granted', remainingMs: ttlMs }),
  },
  'grants nothing': {
    acquire: async () => ({ state: 'held', remainingMs: 1 }),
  },
}

await runHolder({ ...store, ...mistakes[mistake] })
