import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RedisServer, RespConnection, startRedis } from '../src/index.ts'
import { isPortFree } from '../src/processes/is-port-free.ts'

describe('one Redis server', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  test('answers on its URL and keeps nothing on disk', async () => {
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`)
    using connection = await RespConnection.open(redis.port)
    expect(await connection.call('PING')).toBe('PONG')
    expect(await connection.call('CONFIG', 'GET', 'save')).toEqual(['save', ''])
    expect(await connection.call('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'no'])
    expect(await connection.call('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1'])
  })

  test('while paused replies to nothing, and to everything afterwards', async () => {
    using connection = await RespConnection.open(redis.port)
    await redis.pause()
    let replied = false
    const reply = connection.call('INCR', 'paused').finally(() => {
      replied = true
    })
    // Connecting is the kernel's work, and a round trip longer than a reply would take.
    ;(await RespConnection.open(redis.port)).close()
    expect(replied).toBe(false)
    redis.resume()
    expect(await reply).toBe(1)
  })

  test('killed it is gone; restarted it is new, empty and on the same port', async () => {
    const { port, pid } = redis
    using connection = await RespConnection.open(port)
    await connection.call('SET', 'key', 'value')
    await redis.kill()
    expect(await isPortFree(port)).toBe(true)
    expect(() => redis.pid).toThrow('is not running')
    await expect(connection.call('GET', 'key')).rejects.toThrow('closed')
    await redis.restart()
    expect(redis.port).toBe(port)
    expect(redis.pid).not.toBe(pid)
    using again = await RespConnection.open(port)
    expect(await again.call('GET', 'key')).toBeNull()
  })

  test('restarts even when it is paused', async () => {
    await redis.pause()
    await redis.restart()
    using connection = await RespConnection.open(redis.port)
    expect(await connection.call('PING')).toBe('PONG')
  })
})

describe('the life of a Redis server', () => {
  test('after stop nothing listens and no folder is left', async () => {
    const redis = await startRedis()
    const dir = await dirOf(redis)
    expect(existsSync(dir)).toBe(true)
    await redis.pause()
    await redis.stop()
    await redis.stop()
    expect(existsSync(dir)).toBe(false)
    expect(await isPortFree(redis.port)).toBe(true)
    await expect(redis.restart()).rejects.toThrow('stopped for good')
  })

  test('own arguments are stronger, and an own folder outlives the server', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'locks-own-folder-'))
    try {
      await using redis = await startRedis({ dir, args: ['--appendonly', 'yes'] })
      using connection = await RespConnection.open(redis.port)
      await connection.call('SET', 'key', 'value')
      await redis.restart()
      using again = await RespConnection.open(redis.port)
      expect(await again.call('GET', 'key')).toBe('value')
      await redis.stop()
      expect(await readdir(dir)).not.toEqual([])
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  test('a server that cannot start says why', async () => {
    await expect(startRedis({ args: ['--no-such-option', 'x'] })).rejects.toThrow(/no-such-option/)
  })

  test('a server that asks for a password counts as started', async () => {
    await using redis = await startRedis({ args: ['--requirepass', 'secret'] })
    using connection = await RespConnection.open(redis.port)
    await expect(connection.call('GET', 'key')).rejects.toThrow('NOAUTH')
    expect(await connection.call('AUTH', 'secret')).toBe('OK')
  })

  test('a port where something else listens does not count as free', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve)
    })
    const { port } = other.address() as { port: number }
    expect(await isPortFree(port)).toBe(false)
    other.close()
  })
})

async function dirOf(redis: RedisServer): Promise<string> {
  using connection = await RespConnection.open(redis.port)
  const [, dir] = (await connection.call('CONFIG', 'GET', 'dir')) as string[]
  return dir as string
}
