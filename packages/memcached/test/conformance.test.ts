import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { type MemcachedServer, startMemcached } from '@locks/test-servers'
import { Collector } from '../../core/test/conformance/collect.ts'
import { memcachedStore } from '../src/index.ts'
import { connectors } from './clients.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

const program = fileURLToPath(new URL('./programs/holder.ts', import.meta.url))

/** All cases at once: with TTLs in whole seconds most of them only wait. */
test.each(Object.entries(connectors))(
  'a store of %s keeps the rules of both ports',
  async (name, connect) => {
    const { client, close } = connect(server.address)
    const holder = {
      command: process.execPath,
      args: ['--import', 'tsx', '--conditions=@locks/source', program, name, server.address],
    }
    const collector = new Collector()
    const create = () => {
      const { close: _close, ...store } = memcachedStore(client)
      return store
    }
    leaseStoreConformance(collector, { create, holder })
    cacheStoreConformance(collector, { create })
    try {
      await collector.run()
    } finally {
      await close()
    }
    expect([...collector.outcomes].filter(([, { error }]) => error)).toEqual([])
    expect(collector.in('passed').length).toBeGreaterThan(70)
    const reasons = collector.in('skipped').map((title) => /\(skipped: (.*)\)$/.exec(title)?.[1])
    // A rule that the machine was too slow for is skipped without a reason in its title.
    expect([...new Set(reasons)].filter(Boolean).sort()).toEqual(SKIPPED)
  },
  // For all of them together: some try again, with longer TTLs, where a machine was too slow.
  600_000,
)

const SKIPPED = [
  'a grant owns one fence: no facts.fenceBlocks',
  'the store has no close()',
  'the store has no list()',
  'the store has no listEntries()',
  'the store has no queue',
  'the store has no steal()',
  'the store mints no fences: facts.fencing is false',
  'the store tells no signals',
]
