import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe } from '@jest/globals'
import { sharingRules } from '../../core/test/lock/sharing-rules.ts'
import { createLocks, type LeaseStore, memoryStore } from '../src/index.ts'

describe('readers, writers and permits in this process', () => {
  let store: LeaseStore

  beforeEach(() => {
    store = memoryStore()
  })

  sharingRules({
    open: async () => createLocks(store),
    // Nothing there takes more than microtasks.
    queued: () => setImmediate(),
    async holders(name, count) {
      const holders = async () => (await store.inspect(`locks:l1:{${name}}`)).holders.length
      while ((await holders()) !== count) await sleep(5)
    },
  })
})
