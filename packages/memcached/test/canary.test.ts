import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { seededRandom } from '@locks/core/testing'
import { type MemcachedServer, startMemcached, textExchange } from '@locks/test-servers'
import { memcachedStore, systemClock } from '../src/index.ts'
import { wireKey } from '../src/wire-key.ts'
import { wireTtl } from '../src/wire-ttl.ts'
import { connectors, PATIENT_MS } from './clients.ts'

// So much is written that a slow machine needs its time.
jest.setTimeout(PATIENT_MS)

let server: MemcachedServer
beforeAll(async () => {
  // Room for everything: what is evicted was not harmed by its neighbours.
  server = await startMemcached({ memoryMb: 1024 })
})
afterAll(() => server.stop())

const YEAR_MS = 365 * 24 * 3600 * 1000

/** What has been known to end a line, to be read as a command, or to be replaced, by some client. */
const NASTY = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    '\t',
    '\u007f',
    '\u0085',
    '\u2028',
    '$&',
    '$`',
    "$'",
    '$$',
    '$1',
  ],
  ...['flush_all', '\r\nflush_all\r\n', '\r\ndelete victim\r\n', ' 0 0 1\r\nZ\r\nflush_all\r\n'],
  ...[
    'END\r\n',
    'STORED\r\n',
    'HD\r\n',
    'VA 1\r\n',
    '~',
    '~~',
    '~24',
    '%',
    '#',
    '{',
    '}',
    ':',
    '=',
  ],
  ...['é', '語', '😀', 'victim', 'key', '0', '-1', '__proto__', 'k'.repeat(100), '語'.repeat(70)],
]

/** Triples that repeat with the seed; the keys are all different, some by little. */
function* triples(count: number, seed: number) {
  const { fraction } = seededRandom(seed)
  const below = (limit: number) => Math.floor(fraction() * limit)
  const text = (pieces: number) =>
    Array.from({ length: pieces }, () => NASTY[below(NASTY.length)]).join('')
  for (let at = 0; at < count; at++) {
    yield {
      key: `${text(below(4))}|${at}|${text(below(3))}`,
      data: Buffer.from(text(below(6))),
      // From far below a millisecond to a year, most of them no integers.
      ttlMs: Math.min(YEAR_MS, 10 ** (fraction() * 13.5 - 3)),
    }
  }
}

const COUNT = 100_000

test('no two of 100,000 nasty names alias on the wire, however little room there is', () => {
  for (const [bytesMax, count] of [
    [250, COUNT],
    [210, COUNT / 10],
  ] as const) {
    const seen = new Set<string>()
    for (const { key } of triples(count, bytesMax)) {
      const wire = wireKey(key, bytesMax)
      if (!/^[!-#%-~]+$/.test(wire) || wire.length > bytesMax) expect({ key, wire }).toBeUndefined()
      seen.add(wire)
    }
    expect(seen.size).toBe(count)
  }
})

test('every ttl is an integer on the wire', () => {
  for (const { ttlMs } of triples(COUNT / 10, 3)) {
    const exptime = wireTtl(ttlMs, systemClock)
    if (!/^\d{1,10}$/.test(String(exptime))) expect({ ttlMs, exptime }).toBeUndefined()
  }
})

const BATCH = 500

test.each([
  ['meta commands', COUNT],
  ['memcached', COUNT],
  ['memcache-client', COUNT / 20],
])('a victim survives whatever is written through %s: %d triples', async (name, count) => {
  await server.restart()
  await textExchange(server.port, 'set victim 0 0 5\r\nalive\r\n', /STORED/)
  const connected = connectors[name]?.(server.address)
  if (!connected) throw new Error(name)
  const store = memcachedStore(connected.client)
  const batch: { key: string; token: string }[] = []
  const writes: Promise<unknown>[] = []
  let tokens = 0
  const settle = async () => {
    await Promise.all(writes.splice(0))
    // Nobody's entry is another's: one in ten is read again.
    const some = batch.splice(0).filter((_, at) => at % 10 === 0)
    const found = await store.read(some.map(({ key }) => key))
    found.forEach((entry, at) => {
      // A short ttl may be over.
      if (entry && entry.version !== some[at]?.token) expect(entry).toEqual(some[at])
    })
  }
  for (const { key, data, ttlMs } of triples(count, 69)) {
    const token = `t${tokens++}`
    batch.push({ key, token })
    writes.push(store.write({ key, token, data, ttlMs }))
    if (batch.length === BATCH) await settle()
  }
  await connected.close()
  expect(await textExchange(server.port, 'get victim\r\n', /END\r\n$/)).toBe(
    'VALUE victim 0 5\r\nalive\r\nEND\r\n',
  )
  const stats = await textExchange(server.port, 'stats\r\n', /END\r\n$/)
  expect(stats).toContain('STAT cmd_flush 0\r\n')
  expect(stats).toContain('STAT evictions 0\r\n')
})
