import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import {
  type MemcachedServer,
  spawnProgram,
  startMemcached,
  startProxy,
  textExchange,
} from '@locks/test-servers'
import {
  type Clock,
  type MetaTransportOptions,
  memcachedStore,
  metaTransport,
  systemClock,
} from '../../src/index.ts'
import { connectMeta, PATIENT_MS } from '../clients.ts'
import { answered, until } from '../until.ts'
import { startRelay } from './start-relay.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

/** A connection of its own, closed when the test is over. */
function open(address = server.address, options: MetaTransportOptions = {}) {
  const { client, close } = connectMeta(address, options)
  return { transport: client, store: memcachedStore(client), [Symbol.asyncDispose]: close }
}

const raw = (text: string, until: RegExp) => textExchange(server.port, text, until)
const itemCount = async (): Promise<number> => {
  const stats = await raw('stats\r\n', /END\r\n$/)
  return Number(/STAT curr_items (\d+)/.exec(stats)?.[1])
}
let names = 0
const freshKey = () => `locks:l1:{${names++}}`
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
    await using own = open(relay.address)
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
  await using own = open()
  const key = freshKey()
  const mine = { key, token: 'mine', ttlMs: 60_000 }
  const value = Buffer.from('stranger 60000').toString('base64')
  await raw(`add ${key} 0 60 ${value.length}\r\n${value}\r\n`, /STORED/)
  expect(await own.store.acquire(mine)).toMatchObject({ state: 'held' })
  expect(await own.store.release(mine)).toEqual({ state: 'taken' })
  expect(await own.store.release({ key, token: 'stranger' })).toEqual({ state: 'released' })
})

test('an entry tells what is left of its ttl', async () => {
  await using own = open()
  const key = freshKey()
  await own.store.acquire({ key, token: 'mine', ttlMs: 600_000 })
  const [holder] = (await own.store.inspect(key)).holders
  expect(holder?.remainingMs).toBeGreaterThan(300_000)
  expect(holder?.remainingMs).toBeLessThanOrEqual(601_000)
  await raw(`touch ${key} 1000\r\n`, /TOUCHED/)
  expect((await own.store.inspect(key)).holders[0]?.remainingMs).toBeGreaterThan(601_000)
})

test('many commands of one turn are answered each with its own', async () => {
  await using own = open()
  const keys = Array.from({ length: 1000 }, freshKey)
  await Promise.all(keys.map((key, at) => own.transport.set(entry(key, `value${at}`))))
  const found = await Promise.all(keys.map((key) => own.transport.get(key)))
  expect(found.map((each) => each?.value)).toEqual(keys.map((_, at) => `value${at}`))
})

test('a value of any bytes by another program is read whole', async () => {
  await using own = open()
  const key = freshKey()
  await raw(`set ${key} 7 60 15\r\nEND\r\nVA 1\r\nHD\r\n\r\n`, /STORED/)
  expect((await own.transport.get(key))?.value).toBe('END\r\nVA 1\r\nHD\r\n')
  expect((await own.transport.get(freshKey()))?.value).toBe(undefined)
})

test('a server that is full refuses, and that is neither "held" nor the end of the connection', async () => {
  await using full = await startMemcached({ memoryMb: 2, args: ['-M'] })
  await using own = open(full.address)
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
    await using own = open(proxy.address)
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
    await using own = open(proxy.address, { clock, timeout: 1000 })
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
    await using own = open(proxy.address, { clock, timeout: 1000 })
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

describe('a server that is down', () => {
  test('is an error and no hang, and the first call after its return succeeds', async () => {
    await using mortal = await startMemcached()
    await using own = open(mortal.address)
    await own.transport.set(entry('k'))
    await mortal.kill()
    for (let times = 0; times < 5; times++) {
      await expect(own.transport.get('k')).rejects.toMatchObject(refused)
    }
    await mortal.restart()
    expect(await own.transport.get('k')).toBeUndefined()
  })

  test('is tried again with growing pauses, once for all who ask', async () => {
    await using relay = await startRelay(NOBODY, () => undefined)
    const pauses: number[] = []
    const after: Clock['after'] = (delayMs, ...rest) => {
      if (delayMs !== timeoutMs) pauses.push(delayMs)
      return systemClock.after(delayMs, ...rest)
    }
    const timeoutMs = 100_000
    await using own = open(relay.address, { clock: { ...systemClock, after }, timeout: timeoutMs })
    for (let times = 0; times < 8; times++) {
      await Promise.all(
        [1, 2, 3].map(() => expect(own.transport.get('k')).rejects.toMatchObject(refused)),
      )
    }
    expect(relay.accepted).toBe(8)
    expect(pauses).toHaveLength(7)
    expect(pauses[0]).toBeLessThanOrEqual(20)
    expect(pauses[6]).toBeGreaterThanOrEqual(250)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(PAUSE_MAX_MS)
  })
})

describe('close()', () => {
  test('waits for what was sent, and refuses what comes after', async () => {
    const { transport, store } = open()
    const key = freshKey()
    await transport.get(key)
    const sent = transport.set(entry(key))
    const closed = Promise.all([store.close?.(), transport.close()])
    await expect(transport.get(key)).rejects.toMatchObject(refused)
    await closed
    await sent
    expect(await raw(`get ${key}\r\n`, /END\r\n$/)).toContain('abcd')
  })

  test('ends a connection that is still being opened', async () => {
    await using proxy = await startProxy(server)
    proxy.blackHole()
    const { transport } = open(proxy.address, { clock: manualClock() })
    const waiting = expect(transport.get('k')).rejects.toMatchObject(refused)
    await transport.close()
    await waiting
  })

  test.each(['closed', 'not closed'])('is not needed for a process to end: %s', async (way) => {
    const file = new URL('../programs/leaver.ts', import.meta.url)
    await using program = spawnProgram(file, [server.address, way])
    expect(await program.exit).toEqual({ code: 0, signal: null })
    expect(program.stderr).toBe('')
  })
})

describe('who does not speak meta commands as memcached does is asked in text, and an event says so:', () => {
  test.each<[string, (line: string) => string | undefined]>([
    ['a server without them', (line) => line.replace(/^m[sgdn]( |$)/, 'nothing$1')],
    ['one of before 1.6.9', (line) => line.replace(/^ms (\S+) (\d+)/, 'ms $1 S$2')],
    ['one that compares no ids', (line) => line.replace(/^(m[sd] .*) C\d+/, '$1')],
    ['one that does so on deletes', (line) => line.replace(/^(md .*) C\d+/, '$1')],
    ['one that stores over what is there', (line) => line.replace(/^(ms .*) ME/, '$1 MS')],
    ['one that tells no ids', (line) => line.replace(/^(ms .*) c$/, '$1')],
  ])('%s', async (_, rewrite) => {
    await using relay = await startRelay(server.port, rewrite)
    const events: string[] = []
    await using own = open(relay.address, { onEvent: ({ type }) => events.push(type) })
    const mine = { key: freshKey(), token: 'mine', ttlMs: 60_000 }
    expect((await own.store.acquire(mine)).state).toBe('granted')
    expect((await own.store.acquire({ ...mine, token: 'other' })).state).toBe('held')
    expect((await own.store.extend(mine)).state).toBe('extended')
    expect(await own.store.release({ ...mine, token: 'other' })).toEqual({ state: 'taken' })
    expect(await own.store.release(mine)).toEqual({ state: 'released' })
    await own.store.write({ key: mine.key, token: 't', data: Buffer.from('x'), ttlMs: 60_000 })
    expect(await own.store.remove([mine.key, freshKey()])).toBe(1)
    expect(events).toEqual(['fallback'])
    expect(relay.accepted).toBe(2)
  })

  test('and who compares no ids in text either is of no use', async () => {
    const blind = (line: string) =>
      line.replace(/^m[sgd] /, 'nothing ').replace(/^cas (.*) \d+$/, 'set $1')
    await using relay = await startRelay(server.port, blind)
    const events: string[] = []
    await using own = open(relay.address, { onEvent: ({ type }) => events.push(type) })
    await expect(own.transport.get('k')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(events).toEqual([])
  })

  test('whereas a real one is asked in meta commands, and its probe leaves nothing behind', async () => {
    const events: string[] = []
    const items = await itemCount()
    await using own = open(server.address, { onEvent: ({ type }) => events.push(type) })
    await own.transport.get('k')
    expect(await itemCount()).toBe(items)
    expect(events).toEqual([])
  })
})

test('an answer out of step ends the connection, and nobody gets the answer of another', async () => {
  let noise = ''
  await using relay = await startRelay(server.port, (line) => {
    const sent = noise + line
    noise = ''
    return sent
  })
  await using own = open(relay.address)
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
    expect(() => open(server.address, { timeout })).toThrow(
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

/** A port where nobody listens. */
const NOBODY = 1
