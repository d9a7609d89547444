import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import { type MemcachedServer, startMemcached, startProxy, textExchange } from '@locks/test-servers'
import { type memcachedStore, metaTransport } from '../../src/index.ts'
import { PATIENT_MS } from '../clients.ts'
import { answered, until } from '../until.ts'
import { freshKey, openMeta } from './open-meta.ts'
import { startRelay } from './start-relay.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

const raw = (text: string, until: RegExp) => textExchange(server.port, text, until)
const entry = (key: string, value = 'abcd') => ({ key, value, exptime: 60 })
const refused = { code: 'STORE_UNAVAILABLE' }

describe('on an unbroken connection one round trip each are', () => {
  /** Runs `act` once the connection is there, and counts the commands. */
  async function counted(act: (store: ReturnType<typeof memcachedStore>) => Promise<unknown>) {
    let commands = 0
    await using relay = await startRelay(server.port, (line) => {
      if (/^m\w /.test(line)) commands++
      return line
    })
    await using own = openMeta(relay.address)
    await own.transport.get(freshKey())
    const before = commands
    await act(own.store)
    return commands - before
  }

  test('acquire, extend, hand-over and release', async () => {
    const mine = { key: freshKey(), token: 'mine', ttlMs: 60_000 }
    const commands = await counted(async (store) => {
      expect((await store.acquire(mine)).state).toBe('granted')
      expect((await store.extend(mine)).state).toBe('extended')
      expect((await store.extend({ ...mine, newToken: 'heir' })).state).toBe('extended')
      expect((await store.release({ ...mine, token: 'heir' })).state).toBe('released')
    })
    expect(commands).toBe(4)
  })

  test('an election, a write and a hit', async () => {
    const key = freshKey()
    const commands = await counted(async (store) => {
      expect((await store.lease({ key, token: 'load', leaseMs: 60_000 })).state).toBe('won')
      await store.write({ key, token: 'write', data: Buffer.from('x'), ttlMs: 60_000 })
      await store.read([key])
    })
    expect(commands).toBe(3)
  })
})

test('what a client in text has locked is the same lock', async () => {
  await using own = openMeta(server.address)
  const key = freshKey()
  const mine = { key, token: 'mine', ttlMs: 60_000 }
  const value = Buffer.from('stranger 60000').toString('base64')
  await raw(`add ${key} 0 60 ${value.length}\r\n${value}\r\n`, /STORED/)
  expect(await own.store.acquire(mine)).toMatchObject({ state: 'held' })
  expect(await own.store.release(mine)).toEqual({ state: 'taken' })
  expect(await own.store.release({ key, token: 'stranger' })).toEqual({ state: 'released' })
})

test('an entry tells what is left of its ttl', async () => {
  await using own = openMeta(server.address)
  const key = freshKey()
  await own.store.acquire({ key, token: 'mine', ttlMs: 600_000 })
  const [holder] = (await own.store.inspect(key)).holders
  expect(holder?.remainingMs).toBeGreaterThan(300_000)
  expect(holder?.remainingMs).toBeLessThanOrEqual(601_000)
  await raw(`touch ${key} 1000\r\n`, /TOUCHED/)
  expect((await own.store.inspect(key)).holders[0]?.remainingMs).toBeGreaterThan(601_000)
})

test('many commands of one turn are answered each with its own', async () => {
  await using own = openMeta(server.address)
  const keys = Array.from({ length: 1000 }, freshKey)
  await Promise.all(keys.map((key, at) => own.transport.set(entry(key, `value${at}`))))
  const found = await Promise.all(keys.map((key) => own.transport.get(key)))
  expect(found.map((each) => each?.value)).toEqual(keys.map((_, at) => `value${at}`))
})

test('a value of any bytes by another program is read whole', async () => {
  await using own = openMeta(server.address)
  const key = freshKey()
  await raw(`set ${key} 7 60 15\r\nEND\r\nVA 1\r\nHD\r\n\r\n`, /STORED/)
  expect((await own.transport.get(key))?.value).toBe('END\r\nVA 1\r\nHD\r\n')
  expect((await own.transport.get(freshKey()))?.value).toBe(undefined)
})

test('a server that is full refuses, and that is neither "held" nor the end of the connection', async () => {
  await using full = await startMemcached({ memoryMb: 2, args: ['-M'] })
  await using own = openMeta(full.address)
  const big = 'A'.repeat(500_000)
  const outcomes: unknown[] = []
  for (let at = 0; at < 20; at++) {
    outcomes.push(await own.transport.add(entry(`big${at}`, big)).catch((error) => error))
  }
  expect(outcomes[0]).toHaveProperty('version')
  expect(outcomes[19]).toMatchObject(refused)
  const first = outcomes[0] as { version: never }
  expect(await own.transport.compareAndDelete('big0', first.version)).toBe(true)
})

describe('a command without an answer', () => {
  test('is rejected when the connection ends, and is not sent again', async () => {
    await using proxy = await startProxy(server)
    await using own = openMeta(proxy.address)
    const key = freshKey()
    await own.transport.get(key)
    proxy.dropReplies()
    const added = own.transport.add(entry(key))
    const failure = expect(added).rejects.toMatchObject(refused)
    await until(async () => (await raw(`get ${key}\r\n`, /END\r\n$/)) !== 'END\r\n')
    await raw(`delete ${key}\r\n`, /DELETED/)
    proxy.reset()
    await proxy.restore()
    await failure
    expect(await answered(() => own.transport.get(key))).toBeUndefined()
  })

  test('is rejected at its deadline, together with those behind it', async () => {
    await using proxy = await startProxy(server)
    const clock = manualClock()
    await using own = openMeta(proxy.address, { clock, timeout: 1000 })
    const key = freshKey()
    await own.transport.get(key)
    proxy.blackHole()
    const failures = Promise.all([
      expect(own.transport.get(key)).rejects.toMatchObject(refused),
      expect(own.transport.add(entry(key))).rejects.toMatchObject(refused),
    ])
    await clock.advance(1000)
    await failures
    await proxy.restore()
    expect(await own.transport.get(freshKey())).toBeUndefined()
    // One that is left runs out, and keeps no process alive.
    expect(clock.armed.foreground).toBe(0)
  })

  test('that waits for a connection is rejected then too, and is never sent', async () => {
    await using proxy = await startProxy(server)
    const clock = manualClock()
    await using own = openMeta(proxy.address, { clock, timeout: 1000 })
    proxy.blackHole()
    const key = freshKey()
    const failure = expect(own.transport.add(entry(key))).rejects.toMatchObject(refused)
    await clock.advance(1000)
    await failure
    proxy.reset()
    await proxy.restore()
    const found = own.transport.get(key)
    await clock.advance(PAUSE_MAX_MS)
    expect(await found).toBeUndefined()
  })
})

test('an answer out of step ends the connection, and nobody gets the answer of another', async () => {
  let noise = ''
  await using relay = await startRelay(server.port, (line) => {
    const sent = noise + line
    noise = ''
    return sent
  })
  await using own = openMeta(relay.address)
  const [first, second] = [freshKey(), freshKey()]
  await own.transport.set(entry(first, 'first'))
  await own.transport.set(entry(second, 'second'))
  noise = 'mn\r\n'
  const outcomes = await Promise.allSettled([first, second].map((key) => own.transport.get(key)))
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: refused })
  }
  expect((await own.transport.get(second))?.value).toBe('second')
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
  'a timeout of %s is refused',
  (timeout) => {
    expect(() => openMeta(server.address, { timeout })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  },
)

test('a unix socket will do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'locks-'))
  const path = join(folder, 'memcached.sock')
  const listener = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1')
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
  })
  await once(listener.listen(path), 'listening')
  const transport = metaTransport({ path, timeout: PATIENT_MS })
  const key = freshKey()
  await transport.set(entry(key))
  expect((await transport.get(key))?.value).toBe('abcd')
  await transport.close()
  const closed = once(listener, 'close')
  listener.close()
  await closed
  await rm(folder, { recursive: true })
})

/** The longest pause between two tries to connect. */
const PAUSE_MAX_MS = 500
