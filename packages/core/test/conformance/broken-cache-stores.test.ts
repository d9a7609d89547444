import { cacheStoreConformance } from '../../src/conformance/index.ts'
import { brokenCacheStores } from './broken-stores/cache-stores.ts'
import { brokenCommitStores } from './broken-stores/commit-stores.ts'
import { brokenCompareStores } from './broken-stores/compare-stores.ts'
import { brokenElectionStores } from './broken-stores/election-stores.ts'
import { brokenEntryListStores } from './broken-stores/entry-list-stores.ts'
import { brokenEntryStores } from './broken-stores/entry-stores.ts'
import { brokenFailureStores } from './broken-stores/failure-stores.ts'
import { proves } from './broken-stores/proves.ts'
import { brokenSignalStores } from './broken-stores/signal-stores.ts'
import { stepCacheStore } from './step-store.ts'

proves(cacheStoreConformance, stepCacheStore, {
  ...brokenEntryStores,
  ...brokenElectionStores,
  ...brokenCommitStores,
  ...brokenFailureStores,
  ...brokenCacheStores,
  ...brokenCompareStores,
  ...brokenEntryListStores,
  ...brokenSignalStores,
})
