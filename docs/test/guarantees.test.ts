import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { type CacheStore, type LeaseStore, noopStore, quorum } from '@locks/core'
import { cacheStoreConformance, leaseStoreConformance, type Runner } from '@locks/core/conformance'
import { memcachedOptions, memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { redisClusterStore } from '@locks/redis-cluster'
import Memcached from 'memcached'

// Never asked: which rules a store is held to follows from its facts and methods alone.
const sendCommand = async () => null
const single = { sendCommand, duplicate: () => Promise.reject() as never }
/** Connects with its first command. */
const memcached = new Memcached('127.0.0.1:11211', memcachedOptions())
const cluster = { slots: [], masters: [], sendCommand, nodeClient: () => Promise.reject() }
const pool = { sendCommand, execute: async () => null }
/** Given by the tests of every store that a process can outlive. */
const holder = { command: 'holder', args: [] }

const stores: Record<
  string,
  { create: () => LeaseStore | (LeaseStore & CacheStore); holder?: typeof holder }
> = {
  memory: { create: memoryStore },
  Redis: { create: () => redisStore(single), holder },
  'Redis, a pool without `subscriber`': { create: () => redisStore(pool), holder },
  'Redis Cluster': { create: () => redisClusterStore(cluster), holder },
  'memcached, `metaTransport`': { create: () => memcachedStore(metaTransport()), holder },
  'memcached, by a client': { create: () => memcachedStore(memcached), holder },
  quorum: { create: () => quorum([memoryStore(), memoryStore(), memoryStore()]) },
  noop: { create: noopStore },
}

describe('the page on guarantees', () => {
  test.each(Object.entries(stores))('names what the suites skip of %s', (name, options) => {
    expect(skipsInPage(name)).toEqual(skipsOf(options))
  })

  test('names what the tests of failover skip', () => {
    const page = readFileSync(new URL('../guarantees.md', import.meta.url), 'utf8')
    const file = '../../packages/redis-cluster/test/failover.test.ts'
    const tests = readFileSync(new URL(file, import.meta.url), 'utf8')
    const named = [...page.matchAll(/^- (c\d: .+) \(skipped: (.+)\)$/gm)]
    const skipped = [...tests.matchAll(/^ {2}'(c\d: .+)': '(.+)',$/gm)]
    expect(named.map(([, title, why]) => [title, why])).toEqual(
      skipped.map(([, title, why]) => [title, why]),
    )
    expect(named).toHaveLength(2)
  })

  test.each<[string, (store: LeaseStore) => boolean]>([
    ['fencing token', ({ facts }) => facts.fencing],
    ['readers and writers, permits', ({ leave, onGrant }) => Boolean(leave && onGrant)],
    ['steal', ({ steal }) => steal !== undefined],
    ['`query({ store: true })`', ({ list }) => list !== undefined],
    ['cache', (store) => 'read' in store],
  ])('says of each store whether it can do this: %s', (row, can) => {
    const [header = '', said = ''] = ['| |', `| ${row} |`].map(lineOf)
    const columns = header.split('|').map((name) => COLUMNS[name.trim()] ?? name.trim())
    const told = said.split('|').map((cell) => cell.trim().startsWith('yes'))
    for (const [name, { create }] of Object.entries(stores)) {
      const column = columns.indexOf(name)
      if (column > 0) expect([name, told[column]]).toEqual([name, can(create())])
    }
    expect(columns.filter((name) => name in stores)).toHaveLength(6)
  })

  test('has no store that the suites do not know', () => {
    expect([...rows().keys()]).toEqual(Object.keys(stores))
  })
})

/** The reasons of all skips, sorted. */
function skipsOf({ create, ...options }: (typeof stores)[string]): string[] {
  const reasons = new Set<string>()
  const skip = (title: string) => reasons.add(/\(skipped: (.*)\)$/.exec(title)?.[1] ?? title)
  const runner: Runner = {
    describe: (_title, define) => define(),
    test: Object.assign(() => {}, { skip }),
  }
  leaseStoreConformance(runner, { create, ...options })
  const store = create()
  if ('read' in store) cacheStoreConformance(runner, { create: () => store })
  return [...reasons].sort()
}

const skipsInPage = (store: string): string[] => rows().get(store)?.split(' · ').sort() ?? []

/** In the table by store both transports of memcached are one. */
const COLUMNS: Record<string, string> = { memcached: 'memcached, `metaTransport`' }

/** The line of the page, in the table by store, that begins so. */
function lineOf(start: string): string | undefined {
  const page = readFileSync(new URL('../guarantees.md', import.meta.url), 'utf8')
  return page.split('\n').find((line) => line.startsWith(start))
}

/** The rows of the page's last table. */
function rows(): Map<string, string> {
  const page = readFileSync(new URL('../guarantees.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('| store | skipped |'))
  const cells = [...table.matchAll(/^\| (.+) \| (.+) \|$/gm)].slice(1)
  return new Map(cells.map(([, store = '', skipped = '']) => [store, skipped]))
}
