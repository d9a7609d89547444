import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type MemcachedServer, startMemcached } from '@locks/test-servers'
import { memcachedStore } from '../src/index.ts'
import { connectClient } from './clients.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

type Connect = (server: string, callback: (error: unknown, socket: Socket) => void) => void

/** A client of one connection, and how often that was handed something to write. */
async function counted() {
  const { client, close } = connectClient(server.address, { poolSize: 1 })
  const store = memcachedStore(client)
  await store.read(['first'])
  const { connect } = client as unknown as { connect: Connect }
  const socket = await new Promise<Socket>((resolve, reject) => {
    connect.call(client, server.address, (error, found) => (error ? reject(error) : resolve(found)))
  })
  let writes = 0
  const count = <Args extends unknown[]>(write: (...args: Args) => void) =>
    function counting(this: unknown, ...args: Args) {
      writes++
      return write.apply(this, args)
    }
  socket._write = count(socket._write)
  if (socket._writev) socket._writev = count(socket._writev)
  return { client, store, writes: () => writes, [Symbol.dispose]: close }
}

const keys = Array.from({ length: 50 }, (_, at) => `locks:l1:{${at}}`)

describe('by npm memcached', () => {
  test('the commands of one turn are one write, and each is answered with its own', async () => {
    using own = await counted()
    await Promise.all(
      keys.map((key) => own.store.acquire({ key, token: `t${key.length}`, ttlMs: 60_000 })),
    )
    expect(own.writes()).toBe(1)
    const found = await Promise.all(keys.map((key) => own.store.inspect(key)))
    expect(own.writes()).toBe(2)
    expect(found.map(({ holders }) => holders[0]?.token)).toEqual(
      keys.map((key) => `t${key.length}`),
    )
  })

  test('those of a turn that others share with us stay in order', async () => {
    using own = await counted()
    const written = own.store.write({
      key: 'shared',
      token: 'ours',
      data: Buffer.from('x'),
      ttlMs: 60_000,
    })
    const theirs = new Promise((resolve) => own.client.set('shared', 'theirs', 60, resolve))
    const read = own.store.read(['shared'])
    await Promise.all([written, theirs])
    expect((await read)[0]?.data.toString()).toBe('theirs')
  })

  test('whoever else uses the client writes as before', async () => {
    using own = await counted()
    await Promise.all(keys.map((key) => new Promise((resolve) => own.client.get(key, resolve))))
    expect(own.writes()).toBeGreaterThan(1)
  })

  test('two stores on one client hold back once', async () => {
    using own = await counted()
    const other = memcachedStore(own.client)
    await Promise.all([own.store.read(['a']), other.read(['b'])])
    expect(own.writes()).toBe(1)
  })
})
