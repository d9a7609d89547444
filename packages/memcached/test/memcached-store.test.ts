import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { withDeadline } from '@locks/core/parts'
import {
  type MemcachedServer,
  spawnProgram,
  startMemcached,
  textExchange,
} from '@locks/test-servers'
import {
  createLocks,
  type Duration,
  type Locks,
  memcachedStore,
  systemClock,
} from '../src/index.ts'
import { connectors, PATIENT_MS } from './clients.ts'
import { until } from './until.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

const raw = (text: string, until: RegExp) => textExchange(server.port, text, until)
const lines = async (key: string) => (await raw(`get ${key}\r\n`, /END\r\n$/)).split('\r\n')
const keyOf = (name: string) => `locks:l1:{${name}}`
let names = 0
const freshName = () => `name-${names++}`
const unavailable = { code: 'STORE_UNAVAILABLE' }
const invalid = { code: 'INVALID_ARGUMENT' }
const data = (length: number) => Buffer.alloc(length, 'x')

const kinds = Object.entries(connectors).filter(([name]) => name !== 'memcached with a namespace')

describe.each(kinds)('through %s', (name, connect) => {
  const open = (address = server.address, options = {}) => {
    const { client, close } = connect(address)
    const store = memcachedStore(client, options)
    const made: Locks[] = []
    return {
      store,
      /** Locks with deadlines that no slow machine misses, unless told otherwise. */
      locks(storeTimeout: Duration = PATIENT_MS) {
        const locks = createLocks(store, { ttl: '10m', storeTimeout })
        made.push(locks)
        return locks
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(made.map((locks) => locks.close()))
        await close()
      },
    }
  }

  test("[C38] a release never touches another holder's lock", async () => {
    await using own = open()
    const name = freshName()
    const lock = await own.locks().acquire(name)
    await raw(`delete ${keyOf(name)}\r\n`, /DELETED/)
    const theirs = await own.locks().acquire(name)
    expect(await lock.extend()).toBe(false)
    expect(await lock.release()).toBe(false)
    expect(await theirs.verify()).toBe(true)
    expect(await theirs.release()).toBe(true)
    expect(await lines(keyOf(name))).toEqual(['END', ''])
  })

  test('[C46] a fraction of a second is rounded up, and one second more asked for', async () => {
    await using own = open()
    const key = keyOf(freshName())
    const granted = await own.store.acquire({ key, token: 't', ttlMs: 600_001 })
    expect(granted).toMatchObject({ state: 'granted', remainingMs: 601_000 })
    const [reply = ''] = (await raw(`mg ${key} t\r\n`, /\r\n/)).split('\r\n')
    // 601 are promised, and the 602nd is what the server may cut off.
    expect(Number(/^HD t(\d+)$/.exec(reply)?.[1])).toBeGreaterThan(500)
    expect(Number(/^HD t(\d+)$/.exec(reply)?.[1])).toBeLessThanOrEqual(602)
  })

  test('[C112] names that are too long are told apart by their hash', async () => {
    await using own = open()
    const long = 'n'.repeat(10_000)
    const locks = own.locks()
    const [first, second] = [await locks.acquire(`${long}1`), await locks.acquire(`${long}2`)]
    expect(await locks.tryAcquire(`${long}1`)).toBeNull()
    expect([await first.release(), await second.release()]).toEqual([true, true])
  })

  test('[C112] a server that lists no keys is not asked to: there is neither list() nor listEntries()', async () => {
    await using own = open()
    expect([own.store.list, own.store.listEntries]).toEqual([undefined, undefined])
    await expect(own.locks().query({ store: true })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('a lease of 30 days is refused, and a cache keeps an entry for a year', async () => {
    await using own = open()
    const key = keyOf(freshName())
    const lease = { key, token: 't', ttlMs: 30 * 24 * 3600 * 1000 }
    await expect(own.store.acquire(lease)).rejects.toMatchObject(invalid)
    await expect(own.store.extend(lease)).rejects.toMatchObject(invalid)
    expect(await lines(key)).toEqual(['END', ''])
    await own.store.write({ ...lease, data: data(1), ttlMs: 365 * 24 * 3600 * 1000 })
    const reply = await raw(`mg ${key} t\r\n`, /\r\n/)
    expect(Number(/^HD t(\d+)\r\n$/.exec(reply)?.[1])).toBeGreaterThan(364 * 24 * 3600)
  })

  test('a value that is too long for the server is refused before it is sent, and the old one stays', async () => {
    await using own = open()
    const { valueBytesMax } = own.store.facts
    const entry = { key: freshName(), token: 't', ttlMs: 600_000 }
    await own.store.write({ ...entry, data: data(valueBytesMax) })
    const longer = own.store.write({ ...entry, token: 'u', data: data(valueBytesMax + 1) })
    await expect(longer).rejects.toMatchObject(invalid)
    const [found] = await own.store.read([entry.key])
    expect(found).toMatchObject({ version: 't' })
    expect(found?.data.length).toBe(valueBytesMax)
  })

  test("the limit follows the server's own, and the client's", async () => {
    await using large = await startMemcached({ args: ['-I', '2m'] })
    await using own = open(large.address, { itemBytesMax: 2 ** 21 })
    const { valueBytesMax } = own.store.facts
    expect(valueBytesMax).toBeGreaterThan(name === 'memcached' ? 786_000 : 1_500_000)
    const entry = { key: freshName(), token: 't', ttlMs: 600_000, data: data(valueBytesMax) }
    await own.store.write(entry)
    expect((await own.store.read([entry.key]))[0]?.data.length).toBe(valueBytesMax)
  })

  test('what another program stored is a conflict, whatever its flags say, and stays', async () => {
    await using own = open()
    for (const flags of [0, 1, 2, 3, 4, 8, 16, 2 ** 31]) {
      const key = keyOf(freshName())
      await raw(`set ${key} ${flags} 0 9\r\n{"a":b}}}\r\n`, /STORED/)
      const lease = { key, token: 't', ttlMs: 600_000 }
      // One of the clients does not hand over what it cannot parse.
      const isUnparsable = name === 'memcache-client' && [1, 2, 3].includes(flags)
      const conflict = { code: isUnparsable ? 'STORE_UNAVAILABLE' : 'CONFLICT' }
      await expect(own.store.acquire(lease)).rejects.toMatchObject(conflict)
      await expect(own.store.release(lease)).rejects.toMatchObject(conflict)
      expect(await lines(key)).toContain('{"a":b}}}')
      if (isUnparsable) continue
      expect((await own.store.read([key]))[0]).toMatchObject({ version: '?' })
    }
  })

  test('a server that keeps no ids is of no use, and no lock of another is released there', async () => {
    await using idless = await startMemcached({ args: ['-C'] })
    await using own = open(idless.address)
    const value = Buffer.from('stranger 60000').toString('base64')
    const command = `add n 0 0 ${value.length}\r\n${value}\r\n`
    await textExchange(idless.port, command, /STORED/)
    const theirs = { key: 'n', token: 'stranger', ttlMs: 600_000 }
    for (const lease of [theirs, { ...theirs, token: 'mine' }]) {
      const unsupported = { code: 'UNSUPPORTED' }
      await expect(own.store.acquire(lease)).rejects.toMatchObject(unsupported)
      await expect(own.store.release(lease)).rejects.toMatchObject(unsupported)
    }
    expect(await textExchange(idless.port, 'get n\r\n', /END\r\n$/)).toContain(value)
  })

  test('a server that is gone is an error, not "held"; the first call after its return succeeds', async () => {
    await using mortal = await startMemcached()
    await using own = open(mortal.address)
    await (await own.locks().acquire('warm')).release()
    await mortal.kill()
    // One of the clients never answers for a connection that has just broken.
    const locks = own.locks('2s')
    await expect(locks.tryAcquire('n')).rejects.toMatchObject(unavailable)
    const read = withDeadline(systemClock, 5000, own.store.read(['n']))
    await expect(read).rejects.toMatchObject(unavailable)
    await mortal.restart()
    expect((await locks.acquire('n', { wait: PATIENT_MS })).held).toBe(true)
  })

  test('a server without room is an error, not "held"', async () => {
    await using full = await startMemcached({ memoryMb: 2, args: ['-M'] })
    await using own = open(full.address)
    const fill = { key: 'fill', token: 't', data: data(700_000), ttlMs: 600_000 }
    let failure: unknown
    for (let at = 0; failure === undefined && at < 50; at++) {
      failure = await own.store.write({ ...fill, key: `fill${at}` }).then(
        () => undefined,
        (error: unknown) => error,
      )
    }
    expect(failure).toMatchObject(unavailable)
    const outcomes: unknown[] = []
    for (let at = 0; at < 30_000 && outcomes.length === 0; at += 500) {
      const keys = Array.from({ length: 500 }, (_, index) => `small${at + index}`)
      const tries = keys.map((key) => own.store.acquire({ key, token: 't', ttlMs: 600_000 }))
      for (const outcome of await Promise.allSettled(tries)) {
        if (outcome.status === 'rejected') outcomes.push(outcome.reason)
        else expect(outcome.value.state).toBe('granted')
      }
    }
    expect(outcomes[0]).toMatchObject(unavailable)
  })

  test('a lock granted after its caller gave up is taken back', async () => {
    await using frozen = await startMemcached()
    await using own = open(frozen.address)
    await using others = open(frozen.address)
    await (await own.locks().acquire('n')).release()
    await frozen.pause()
    const hasty = own.locks('200ms')
    await expect(hasty.acquire('n', { wait: 0 })).rejects.toMatchObject(unavailable)
    frozen.resume()
    await until(async () => (await others.locks().tryAcquire('n')) !== null)
  })
})

test('a process without the program `ping` outlives its server', async () => {
  await using mortal = await startMemcached()
  const file = new URL('./programs/survivor.ts', import.meta.url)
  await using program = spawnProgram(file, [mortal.address], { env: { PATH: '/nowhere' } })
  expect(await program.nextLine()).toBe('connected')
  await mortal.kill()
  program.writeLine('killed')
  expect(await program.exit).toEqual({ code: 0, signal: null })
  expect(program.lines).toEqual(['connected', 'dead: true', 'back: true'])
})
