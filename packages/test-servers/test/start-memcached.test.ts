import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type MemcachedServer, startMemcached, textExchange } from '../src/index.ts'
import { isPortFree } from '../src/processes/is-port-free.ts'

describe('a memcached server', () => {
  let memcached: MemcachedServer
  beforeAll(async () => {
    memcached = await startMemcached({ memoryMb: 8, args: ['-I', '2m'] })
  })
  afterAll(() => memcached.stop())

  const say = (text: string, until = /\r\n$/) => textExchange(memcached.port, text, until)

  test('answers, with the memory and the arguments it was given, on TCP only', async () => {
    expect(await say('version\r\n')).toMatch(/^VERSION \d/)
    const settings = await say('stats settings\r\n', /END\r\n$/)
    expect(settings).toContain(`STAT maxbytes ${8 * 2 ** 20}\r\n`)
    expect(settings).toContain(`STAT item_size_max ${2 * 2 ** 20}\r\n`)
    expect(settings).toContain('STAT udpport 0\r\n')
    expect(settings).toContain('STAT inter 127.0.0.1\r\n')
  })

  test('pauses, resumes, and forgets everything when it restarts', async () => {
    expect(await say('set key 0 0 5\r\nvalue\r\n')).toBe('STORED\r\n')
    await memcached.pause()
    const reply = say('get key\r\n', /END\r\n$/)
    memcached.resume()
    expect(await reply).toBe('VALUE key 0 5\r\nvalue\r\nEND\r\n')
    const { port, pid } = memcached
    await memcached.kill()
    await expect(say('version\r\n')).rejects.toThrow('ECONNREFUSED')
    await memcached.restart()
    expect(memcached.address).toBe(`127.0.0.1:${port}`)
    expect(memcached.pid).not.toBe(pid)
    expect(await say('get key\r\n')).toBe('END\r\n')
  })

  test('is gone after stop', async () => {
    await using other = await startMemcached()
    await other.stop()
    expect(await isPortFree(other.port)).toBe(true)
  })

  test('a server that cannot start says why', async () => {
    await expect(startMemcached({ args: ['--no-such-option'] })).rejects.toThrow(/no-such-option/)
  })
})
