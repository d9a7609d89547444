/** The suites under Node's own test runner. */
import { describe, test } from 'node:test'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { memoryStore } from '../../src/index.ts'

leaseStoreConformance({ describe, test }, { create: () => memoryStore() })
await cacheStoreConformance({ describe, test }, { create: async () => memoryStore() })
