import { cacheStoreConformance } from '../../src/conformance/index.ts'
import { brokenCacheStores } from './broken-stores/cache-stores.ts'
import { brokenCompareStores } from './broken-stores/compare-stores.ts'
import { brokenEntryListStores } from './broken-stores/entry-list-stores.ts'
import { proves } from './broken-stores/proves.ts'
import { brokenSignalStores } from './broken-stores/signal-stores.ts'
import { stepCacheStore } from './step-store.ts'

proves(cacheStoreConformance, stepCacheStore, {
  ...brokenCacheStores,
  ...brokenCompareStores,
  ...brokenEntryListStores,
  ...brokenSignalStores,
})
