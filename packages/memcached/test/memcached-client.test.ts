import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type MemcachedServer, startMemcached } from '@locks/test-servers'
import { memcachedOptions, memcachedStore } from '../src/index.ts'
import { connectClient } from './clients.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

const keyOf = (name: string) => `locks:l1:{${name}}`
let names = 0
const freshName = () => `name-${names++}`
const invalid = { code: 'INVALID_ARGUMENT' }
const data = (length: number) => Buffer.alloc(length, 'x')

describe('a client of several servers', () => {
  test('takes no locks, unless it is told to, and does for a cache', async () => {
    await using second = await startMemcached()
    const { client, close } = connectClient([server.address, second.address])
    const lease = { key: keyOf(freshName()), token: 't', ttlMs: 600_000 }
    const store = memcachedStore(client)
    await expect(store.acquire(lease)).rejects.toMatchObject(invalid)
    await expect(store.extend(lease)).rejects.toMatchObject(invalid)
    expect((await store.lease({ ...lease, leaseMs: 600_000 })).state).toBe('won')
    expect(await store.commit({ ...lease, data: data(1) })).toBe(true)
    const told = memcachedStore(client, { locksOnSeveralServers: true })
    const free = { ...lease, key: keyOf(freshName()) }
    expect((await told.acquire(free)).state).toBe('granted')
    expect((await told.release(free)).state).toBe('released')
    close()
  })
})

describe('refused before anything is sent:', () => {
  test.each(['a b', 'é', 'x'.repeat(41), 'a\r\nflush_all', "$'"])(
    'a client with the namespace %j',
    (namespace) => {
      const { client, close } = connectClient(server.address, { namespace })
      expect(() => memcachedStore(client)).toThrow(expect.objectContaining(invalid))
      close()
    },
  )

  test.each([0, 1.5, Number.NaN, 2047])('an item size of %s', (itemBytesMax) => {
    const { client, close } = connectClient(server.address)
    expect(() => memcachedStore(client, { itemBytesMax })).toThrow(expect.objectContaining(invalid))
    close()
  })
})

test('the preset never moves keys to another server, nor remembers one as dead', () => {
  expect(memcachedOptions({ poolSize: 2 })).toMatchObject({
    poolSize: 2,
    remove: false,
    reconnect: 100,
    failuresTimeout: 1,
  })
})
