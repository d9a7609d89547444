import { describe, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { memoryStore } from '../src/index.ts'

const options = { name: 'memoryStore', create: () => memoryStore() }

leaseStoreConformance({ describe, test }, options)
cacheStoreConformance({ describe, test }, options)
