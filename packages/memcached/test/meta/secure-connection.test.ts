import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, type LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type MemcachedServer, startMemcached, textExchange } from '@locks/test-servers'
import {
  type MetaLogin,
  type MetaTransportOptions,
  memcachedStore,
  metaTransport,
} from '../../src/index.ts'
import { PATIENT_MS } from '../clients.ts'
import { answered } from '../until.ts'

const refused = { code: 'STORE_UNAVAILABLE' }
const entry = (value: string) => ({ key: 'locks:c1:{secure}', value, exptime: 60 })

/** One address for every name: of several, each is tried for a moment only. */
const lookup: LookupFunction = (_name, { all }, tell) =>
  all ? tell(null, [{ address: '127.0.0.1', family: 4 }]) : tell(null, '127.0.0.1', 4)

/** A connection of its own, closed when the test is over. */
function open(options: MetaTransportOptions) {
  const transport = metaTransport({ timeout: PATIENT_MS, ...options })
  return { transport, [Symbol.asyncDispose]: () => transport.close() }
}

describe('with TLS', () => {
  let server: MemcachedServer
  let ca: string
  let key: string
  beforeAll(async () => {
    const file = (name: string) =>
      readFile(new URL(`certificate/${name}.pem`, import.meta.url), 'utf8')
    ;[server, ca, key] = await Promise.all([startMemcached(), file('certificate'), file('key')])
  })
  afterAll(() => server.stop())

  /** What stands before a memcached, as stunnel does: it decrypts. */
  async function startTerminator() {
    const clients: TLSSocket[] = []
    const received: string[] = []
    const listener = createServer({ cert: ca, key }, (client) => {
      clients.push(client)
      client.on('data', (chunk) => received.push(chunk.toString('latin1')))
      const upstream = connect(server.port, '127.0.0.1')
      client.pipe(upstream).pipe(client)
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    })
    await once(listener.listen(0, '127.0.0.1'), 'listening')
    return {
      clients,
      received,
      port: (listener.address() as AddressInfo).port,
      async [Symbol.asyncDispose]() {
        const closed = once(listener, 'close')
        listener.close()
        for (const client of clients) client.destroy()
        await closed
      },
    }
  }

  test('everything goes encrypted to a server whose certificate is vouched for', async () => {
    await using terminator = await startTerminator()
    await using own = open({ host: 'localhost', port: terminator.port, tls: { ca, lookup } })
    await own.transport.set(entry('encrypted'))
    expect((await own.transport.get(entry('').key))?.value).toBe('encrypted')
    expect(terminator.clients.map(({ servername }) => servername)).toEqual(['localhost'])
    expect(terminator.received.join('')).toContain(entry('').key)
  })

  test('a certificate that nobody vouches for is refused before anything is sent', async () => {
    await using terminator = await startTerminator()
    await using own = open({ port: terminator.port, tls: true })
    const message = expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT')
    await expect(own.transport.get('k')).rejects.toMatchObject({ ...refused, message })
    expect(terminator.received).toEqual([])
  })

  test.each([null, 'yes', 1])('tls: %p is refused', (tls) => {
    expect(() => open({ tls: tls as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})

describe('with a login', () => {
  const login = { user: 'locks', password: 's3cret' }
  let folder: string
  let server: MemcachedServer
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'locks-'))
    const file = join(folder, 'logins')
    await writeFile(file, `${login.user}:${login.password}\n`)
    const greeting = 'set locks:login 0 -1 12\r\nlocks s3cret\r\n'
    server = await startMemcached({ args: ['-Y', file], greeting })
  })
  afterAll(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })

  test('each connection logs in, also one to a server that was restarted', async () => {
    await using own = open({ port: server.port, login })
    await own.transport.set(entry('mine'))
    expect((await own.transport.get(entry('').key))?.value).toBe('mine')
    await server.kill()
    await server.restart()
    expect(await answered(() => own.transport.get(entry('').key))).toBeUndefined()
  })

  test('another one is refused, and the error does not tell it', async () => {
    await using own = open({ port: server.port, login: { ...login, password: 'guessed' } })
    const error = await own.transport.get('k').catch((thrown) => thrown)
    expect(error).toMatchObject({ ...refused, message: 'memcached refused the login' })
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('guessed')
  })

  test('without one the server is of no use', async () => {
    await using own = open({ port: server.port })
    await expect(own.transport.get('k')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('to a server that asks for none it is nothing, and is not kept there', async () => {
    await using trusting = await startMemcached()
    await using own = open({ port: trusting.port, login })
    const store = memcachedStore(own.transport)
    const mine = { key: 'locks:l1:{login}', token: 'mine', ttlMs: 60_000 }
    expect((await store.acquire(mine)).state).toBe('granted')
    const found = await textExchange(trusting.port, 'get locks:login\r\n', /END\r\n$/)
    expect(found).toBe('END\r\n')
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['no password', { user: 'u' }],
    ['a password with a space', { user: 'u', password: 'a b' }],
    ['a user with a line break', { user: 'u\r\nflush_all', password: 'p' }],
    ['an empty user', { user: '', password: 'p' }],
    ['a password that is not ASCII', { user: 'u', password: 'pä' }],
  ])('%s is refused', (_, given) => {
    expect(() => open({ login: given as MetaLogin })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})
