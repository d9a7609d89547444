import { leaseStoreConformance } from '../../src/conformance/index.ts'
import { brokenLeaseStores } from './broken-stores/lease-stores.ts'
import { proves } from './broken-stores/proves.ts'
import { stepLeaseStore } from './step-store.ts'

proves(leaseStoreConformance, stepLeaseStore, brokenLeaseStores)
