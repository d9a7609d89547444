import { describe, expect, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '../../src/conformance/index.ts'
import { cacheStoreFromCas, leaseStoreFromCas } from '../../src/index.ts'
import { Collector } from '../conformance/collect.ts'
import { mapCasStore } from './map-cas-store.ts'

const leases = { create: () => leaseStoreFromCas(mapCasStore().store) }
const cache = { create: () => cacheStoreFromCas(mapCasStore().store) }
leaseStoreConformance({ describe, test }, { name: 'leaseStoreFromCas', ...leases })
cacheStoreConformance({ describe, test }, { name: 'cacheStoreFromCas', ...cache })

describe('a derived store keeps the rules, too', () => {
  test.each([
    ['tells the versions of its writes', { tells: true }],
    ['counts TTLs in coarse steps', { resolutionMs: 300 }],
  ])('when the CAS store %s', async (_, options) => {
    const collector = new Collector()
    leaseStoreConformance(collector, {
      create: () => leaseStoreFromCas(mapCasStore(options).store),
    })
    cacheStoreConformance(collector, {
      create: () => cacheStoreFromCas(mapCasStore(options).store),
    })
    await collector.run()
    expect([...collector.outcomes].filter(([, { error }]) => error)).toEqual([])
    expect(collector.in('passed').length).toBeGreaterThan(140)
  })
})
