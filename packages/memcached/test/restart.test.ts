import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type MemcachedServer, startMemcached, textExchange } from '@locks/test-servers'
import { clientTransport } from '../src/client-transport.ts'
import { memcachedStore } from '../src/index.ts'
import { connectClient, connectMeta, connectors } from './clients.ts'
import { startRelay } from './meta/start-relay.ts'
import { answered } from './until.ts'

// A server that was restarted is empty and counts its ids from the beginning: what a stranger stores
// there may get the very id that we remember.

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

const key = 'locks:l1:{n}'
const mine = { key, token: 'mine', ttlMs: 60_000 }
const base64 = (text: string) => Buffer.from(text).toString('base64')
const strangersLease = base64('stranger 60000')
const strangersLoad = base64(`l${JSON.stringify({ holder: 'stranger', ttlMs: 60_000 })}`)

const raw = (text: string, until: RegExp) => textExchange(server.port, text, until)

/** The id and the value under `key`, without a client of ours in between. */
async function stored(name = key): Promise<{ id: number; value: string } | undefined> {
  const reply = await raw(`gets ${name}\r\n`, /END\r\n$/)
  const [, id, value] = /^VALUE \S+ \d+ \d+ (\d+)\r\n(.*)\r\n/.exec(reply) ?? []
  return id === undefined ? undefined : { id: Number(id), value: value ?? '' }
}

/** Another server in its place, where somebody else has stored `value` under the id that ours had. */
async function restartWithStranger(value: string, name = key): Promise<void> {
  const ours = await stored(name)
  await server.restart()
  if (!ours) throw new Error('there was nothing to replace')
  for (let id = 1; id < ours.id; id++) await raw('set pad 0 60 1\r\nx\r\n', /STORED/)
  await raw(`add ${name} 0 60 ${value.length}\r\n${value}\r\n`, /STORED/)
  expect(await stored(name)).toEqual({ id: ours.id, value })
}

describe.each(Object.entries(connectors))('with %s, a server restarted', (name, connect) => {
  const prefix = name === 'memcached with a namespace' ? 'app:' : ''
  const open = async () => {
    await server.restart()
    const { client, close } = connect(server.address)
    return {
      store: memcachedStore(client),
      [Symbol.asyncDispose]: async () => void (await close()),
    }
  }

  test('between acquire and release: the lock of who came after is neither extended nor released', async () => {
    await using own = await open()
    expect((await answered(() => own.store.acquire(mine))).state).toBe('granted')
    await restartWithStranger(strangersLease, prefix + key)
    const before = await stored(prefix + key)
    expect(await answered(() => own.store.extend(mine))).toEqual({ state: 'taken' })
    expect(await answered(() => own.store.release(mine))).toEqual({ state: 'taken' })
    expect(await answered(() => own.store.acquire(mine))).toMatchObject({ state: 'held' })
    expect(await stored(prefix + key)).toEqual(before)
  })

  test('after acquire: the release of a lock that was lifted from another is refused, too', async () => {
    await using own = await open()
    expect((await answered(() => own.store.acquire(mine))).state).toBe('granted')
    await restartWithStranger(strangersLease, prefix + key)
    const before = await stored(prefix + key)
    expect(await answered(() => own.store.release(mine))).toEqual({ state: 'taken' })
    expect(await stored(prefix + key)).toEqual(before)
  })

  test('between acquire and release: a lock that nobody took is gone, and free', async () => {
    await using own = await open()
    expect((await answered(() => own.store.acquire(mine))).state).toBe('granted')
    await server.restart()
    expect(await answered(() => own.store.extend(mine))).toEqual({ state: 'absent' })
    expect(await answered(() => own.store.release(mine))).toEqual({ state: 'absent' })
    expect((await answered(() => own.store.acquire(mine))).state).toBe('granted')
  })

  const load = { key, token: 'mine', leaseMs: 60_000 }
  const commit = { key, token: 'mine', data: Buffer.from('old'), ttlMs: 60_000 }

  test('between election and commit: the load of who came after is not fenced off by ours', async () => {
    await using own = await open()
    expect((await answered(() => own.store.lease(load))).state).toBe('won')
    await restartWithStranger(strangersLoad, prefix + key)
    const before = await stored(prefix + key)
    expect(await answered(() => own.store.renew(key, 'mine', 60_000))).toBe(false)
    expect(await answered(() => own.store.commit(commit))).toBe(false)
    expect(await stored(prefix + key)).toEqual(before)
  })

  test('between election and commit: what was loaded for a lost election is not stored', async () => {
    await using own = await open()
    expect((await answered(() => own.store.lease(load))).state).toBe('won')
    await server.restart()
    expect(await answered(() => own.store.commit(commit))).toBe(false)
    expect(await answered(() => own.store.read([key]))).toEqual([undefined])
  })
})

describe('between a reading and the comparison with it', () => {
  const swap = { key, value: 'eHg=', exptime: 60 }
  const add = () => raw(`add ${key} 0 60 4\r\neXk=\r\n`, /STORED/)

  test.each(['meta', 'text'])('%s over a connection of our own finds another id', async (way) => {
    await server.restart()
    await using relay = await startRelay(server.port, (line) =>
      way === 'text' ? line.replace(/^m/, 'nothing') : line,
    )
    const events: string[] = []
    const onEvent = ({ type }: { type: string }) => events.push(type)
    const { client, close } = connectMeta(relay.address, { onEvent })
    await client.get('elsewhere')
    await add()
    const found = await client.get(key)
    if (!found) throw new Error('not found')
    await restartWithStranger('eno=')
    expect(await answered(() => client.compareAndSet(swap, found.version))).toBeUndefined()
    expect(await answered(() => client.compareAndDelete(key, found.version))).toBe(false)
    expect((await answered(() => client.get(key)))?.value).toBe('eno=')
    expect(new Set(events)).toEqual(new Set(way === 'text' ? ['fallback'] : []))
    await close()
  })

  test('the package memcached does not: the gap that its docs name', async () => {
    await server.restart()
    const { client, close } = connectClient(server.address)
    const transport = clientTransport(client)
    await add()
    const found = await answered(() => transport.get(key))
    if (!found) throw new Error('not found')
    await restartWithStranger('eno=')
    expect(await answered(() => transport.compareAndDelete(key, found.version))).toBe(true)
    close()
  })
})
