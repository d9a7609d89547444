import { leaseStoreConformance } from '../../src/conformance/index.ts'
import { brokenAcquireStores } from './broken-stores/acquire-stores.ts'
import { brokenDepositionStores } from './broken-stores/deposition-stores.ts'
import { brokenExtendReleaseStores } from './broken-stores/extend-release-stores.ts'
import { brokenFenceBlockStores } from './broken-stores/fence-block-stores.ts'
import { brokenFenceInspectStores } from './broken-stores/fence-inspect-stores.ts'
import { brokenHandOverStores } from './broken-stores/hand-over-stores.ts'
import { brokenLeaseStores } from './broken-stores/lease-stores.ts'
import { brokenListStores } from './broken-stores/list-stores.ts'
import { proves } from './broken-stores/proves.ts'
import { brokenPlaceStores } from './broken-stores/queue-place-stores.ts'
import { brokenQueueStores } from './broken-stores/queue-stores.ts'
import { brokenStealStores } from './broken-stores/steal-stores.ts'
import { brokenUnitStores } from './broken-stores/unit-stores.ts'
import { stepLeaseStore } from './step-store.ts'

proves(leaseStoreConformance, stepLeaseStore, {
  ...brokenAcquireStores,
  ...brokenExtendReleaseStores,
  ...brokenFenceInspectStores,
  ...brokenLeaseStores,
  ...brokenHandOverStores,
  ...brokenFenceBlockStores,
  ...brokenListStores,
  ...brokenQueueStores,
  ...brokenPlaceStores,
  ...brokenStealStores,
  ...brokenDepositionStores,
  ...brokenUnitStores,
})
