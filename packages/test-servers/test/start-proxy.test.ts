import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import {
  type RedisServer,
  RespConnection,
  startProxy,
  startRedis,
  type TestProxy,
} from '../src/index.ts'
import { isPortFree } from '../src/processes/is-port-free.ts'
import { eventually } from './eventually.ts'

describe('a proxy', () => {
  let redis: RedisServer
  let proxy: TestProxy
  let direct: RespConnection
  let through: RespConnection
  beforeAll(async () => {
    redis = await startRedis()
    direct = await RespConnection.open(redis.port)
  })
  beforeEach(async () => {
    await direct.call('FLUSHALL')
    proxy = await startProxy({ port: redis.port })
    through = await RespConnection.open(proxy.port)
    expect(await through.call('PING')).toBe('PONG')
  })
  afterEach(async () => {
    through.close()
    await proxy.stop()
  })
  afterAll(async () => {
    direct.close()
    await redis.stop()
  })

  const executed = (key: string) => eventually(async () => (await direct.call('GET', key)) !== null)

  test('without faults passes everything, and counts', async () => {
    expect(proxy.url('redis')).toBe(`redis://127.0.0.1:${proxy.port}`)
    const large = 'x'.repeat(1_000_000)
    expect(await through.call('SET', 'key', large)).toBe('OK')
    expect(await through.call('GET', 'key')).toBe(large)
    expect(proxy.requestBytes).toBeGreaterThan(1_000_000)
    expect(proxy.replyBytes).toBeGreaterThan(1_000_000)
    expect(proxy.accepted).toBe(1)
    expect(proxy.connections).toBe(1)
    through.close()
    await eventually(() => proxy.connections === 0)
  })

  test('delays each direction, keeps the order and does not serialise', async () => {
    proxy.delay(50)
    const started = performance.now()
    const calls = Array.from({ length: 20 }, () => through.call('INCR', 'counter'))
    const first = await calls[0]
    expect(performance.now() - started).toBeGreaterThanOrEqual(100)
    expect(first).toBe(1)
    // Had the calls waited for each other, the server would know of one of them by now.
    expect(await direct.call('GET', 'counter')).toBe('20')
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  test('a shorter delay lets nothing overtake', async () => {
    proxy.delay(60)
    const early = through.call('SET', 'key', 'early')
    await eventually(() => proxy.requestBytes > 40)
    await proxy.restore()
    expect(await Promise.all([early, through.call('GET', 'key')])).toEqual(['OK', 'early'])
  })

  test('drops replies of commands that were executed', async () => {
    proxy.dropReplies()
    const replies = proxy.replyBytes
    const lost = through.call('SET', 'key', 'value')
    await executed('key')
    await eventually(() => proxy.replyBytes > replies)
    expect(proxy.connections).toBe(1)
    proxy.reset()
    await expect(lost).rejects.toThrow('closed')
    await proxy.restore()
    using again = await RespConnection.open(proxy.port)
    expect(await again.call('GET', 'key')).toBe('value')
  })

  test('a black hole keeps connections open and what was sent arrives late', async () => {
    proxy.blackHole()
    const before = proxy.requestBytes
    const late = through.call('SET', 'key', 'value')
    await eventually(() => proxy.requestBytes > before)
    expect(await direct.call('GET', 'key')).toBeNull()
    expect(proxy.connections).toBe(1)
    await proxy.restore()
    expect(await late).toBe('OK')
    expect(await direct.call('GET', 'key')).toBe('value')
  })

  test('a black hole also takes in new connections', async () => {
    proxy.blackHole()
    using fresh = await RespConnection.open(proxy.port)
    const late = fresh.call('PING')
    await eventually(() => proxy.connections === 2)
    await proxy.restore()
    expect(await late).toBe('PONG')
  })

  test('what is in the black hole is lost by a reset', async () => {
    proxy.blackHole()
    const before = proxy.requestBytes
    const lost = through.call('SET', 'key', 'value')
    await eventually(() => proxy.requestBytes > before)
    proxy.reset()
    await expect(lost).rejects.toThrow('closed')
    await eventually(() => proxy.connections === 0)
    await proxy.restore()
    expect(await direct.call('GET', 'key')).toBeNull()
  })

  test('a reset is an RST, and the next connection works', async () => {
    const socket = connect(proxy.port, '127.0.0.1')
    await eventually(() => proxy.connections === 2)
    proxy.reset()
    const [error] = await once(socket, 'error')
    expect(error.code).toBe('ECONNRESET')
    using again = await RespConnection.open(proxy.port)
    expect(await again.call('PING')).toBe('PONG')
  })

  test('down it refuses connections, up it takes them on the same port', async () => {
    const { port } = proxy
    const cut = through.call('BLPOP', 'never', 0)
    await eventually(async () => String(await direct.call('CLIENT', 'LIST')).includes('cmd=blpop'))
    await Promise.all([proxy.down(), expect(cut).rejects.toThrow('closed')])
    await expect(RespConnection.open(port)).rejects.toThrow('ECONNREFUSED')
    await proxy.down()
    await proxy.up()
    expect(proxy.port).toBe(port)
    using again = await RespConnection.open(port)
    expect(await again.call('PING')).toBe('PONG')
  })

  test('restore brings it up and ends every fault', async () => {
    proxy.delay(60_000)
    proxy.dropReplies()
    proxy.blackHole()
    await proxy.down()
    await proxy.restore()
    using again = await RespConnection.open(proxy.port)
    expect(await again.call('PING')).toBe('PONG')
  })

  test('a server that is not there closes the connection', async () => {
    await using nowhere = await startProxy({ port: 1 })
    const socket = connect(nowhere.port, '127.0.0.1')
    const [error] = await once(socket, 'error')
    expect(error.code).toBe('ECONNRESET')
  })

  test('the end of one side is passed on to the other', async () => {
    const socket = connect(proxy.port, '127.0.0.1')
    socket.setEncoding('utf8').write('PING\r\n')
    expect((await once(socket, 'data'))[0]).toBe('+PONG\r\n')
    socket.end('QUIT\r\n')
    await once(socket, 'close')
    await eventually(() => proxy.connections === 1)
  })

  test('after stop nothing listens', async () => {
    await proxy.stop()
    await proxy.stop()
    expect(await isPortFree(proxy.port)).toBe(true)
    expect(proxy.connections).toBe(0)
  })
})
