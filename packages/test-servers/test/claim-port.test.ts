import { createServer, type Server } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { claimPort, RespConnection, resolveBinary, spawnProgram, startRedis } from '../src/index.ts'
import { isPortFree } from '../src/processes/is-port-free.ts'
import { ServerProcess } from '../src/processes/server-process.ts'

/** So many that two processes without claims would hardly ever choose different ones. */
const CLAIMS = 300
const guardOffset = 5_000

const claiming = () =>
  spawnProgram('packages/test-servers/test/programs/claims-ports.ts', [String(CLAIMS)])

/** Stands in the way, as a program that claims nothing; it listens when this returns. */
const robberOn = (port: number): Server => createServer().listen(port, '127.0.0.1')

/** A Redis that tells of its port before each launch. */
const startWith = async (beforeLaunch: (port: number) => void) =>
  ServerProcess.start({
    binary: await resolveBinary('redis-server'),
    args(port, dir) {
      beforeLaunch(port)
      return ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir]
    },
    async answers(port, pid, signal) {
      using connection = await RespConnection.open(port, signal)
      return String(await connection.call('INFO', 'server')).includes(`process_id:${pid}\r\n`)
    },
  })

describe('a claimed port', () => {
  test('is claimed once, in whatever process', async () => {
    await using one = claiming()
    await using other = claiming()
    const own = await Promise.all(Array.from({ length: CLAIMS }, claimPort))
    const theirs = `${await one.nextLine()},${await other.nextLine()}`.split(',').map(Number)
    const all = [...own.map(({ port }) => port), ...theirs]
    expect(all).toHaveLength(3 * CLAIMS)
    expect(new Set(all).size).toBe(3 * CLAIMS)
    for (const claim of own) claim[Symbol.dispose]()
  })

  test('is guarded while its server is dead, and no longer than it lives', async () => {
    await using redis = await startRedis()
    const { port } = redis
    await redis.kill()
    expect(await isPortFree(port + guardOffset)).toBe(false)
    await redis.restart()
    using connection = await RespConnection.open(port)
    expect(await connection.call('PING')).toBe('PONG')
  })

  test('that was taken all the same is left for another', async () => {
    const tried: number[] = []
    const robbers: Server[] = []
    await using redis = await startWith((port) => {
      if (tried.push(port) <= 2) robbers.push(robberOn(port))
    })
    expect(tried).toHaveLength(3)
    expect(redis.port).toBe(tried[2])
    expect(await isPortFree((tried[0] as number) + guardOffset)).toBe(true)
    for (const robber of robbers) robber.close()
  })

  test('is waited for by a server that restarts', async () => {
    let launches = 0
    let robber: Server | undefined
    await using redis = await startWith((port) => {
      launches++
      if (launches === 2) robber = robberOn(port)
      else robber?.close()
    })
    const { port, pid } = redis
    await redis.restart()
    expect(launches).toBeGreaterThan(2)
    expect(redis.port).toBe(port)
    expect(redis.pid).not.toBe(pid)
  })
})
