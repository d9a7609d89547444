import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createLocks, type LeaseStore } from '@locks/core'
import { documentedAcl, type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { redisStore } from '../src/index.ts'

let redis: RedisServer
let direct: RespConnection
beforeAll(async () => {
  redis = await startRedis()
  direct = await RespConnection.open(redis.port)
  const acl = documentedAcl(['redis.md'], { password: 'of the app', prefixes: ['ours'] })
  await direct.call('ACL', 'SETUSER', 'app', ...acl)
  await direct.call('SET', 'foreign:l1:{k}', 'theirs')
})
afterAll(async () => {
  direct.close()
  await redis.stop()
})

async function connect() {
  const client = createClient({ url: redis.url, username: 'app', password: 'of the app' })
  client.on('error', () => {})
  await client.connect()
  return client
}

// That everything works under it is shown by the conformance suites, which run under it.
describe('the minimal ACL', () => {
  test.each([
    ['another key', ['GET', 'foreign:l1:{k}']],
    [
      'another key in a script',
      ['EVAL', "return redis.call('GET', KEYS[1])", '1', 'foreign:l1:{k}'],
    ],
    [
      'another key behind a script’s back',
      ['EVAL', "return redis.call('GET', 'foreign:l1:{k}')", '0'],
    ],
    ['the keys of another application, deleted', ['DEL', 'foreign:l1:{k}']],
    ['all keys', ['KEYS', '*']],
    ['flushing', ['FLUSHALL']],
    ['flushing in a script', ['EVAL', "return redis.call('FLUSHDB')", '0']],
    ['flushing scripts', ['SCRIPT', 'FLUSH']],
    ['the settings', ['CONFIG', 'GET', '*']],
    ['stopping the server', ['SHUTDOWN']],
    ['users', ['ACL', 'LIST']],
    ['other clients', ['CLIENT', 'KILL', 'TYPE', 'normal']],
    ['what others send', ['MONITOR']],
    ['another server’s data', ['REPLICAOF', 'NO', 'ONE']],
    ['a channel of others', ['PUBLISH', 'foreign:g1:x', 'x']],
  ])('does not allow %s', async (_, command) => {
    const client = await connect()
    try {
      await expect(client.sendCommand(command)).rejects.toThrow(
        /NOPERM|ACL failure|permission|can't (access|run)/,
      )
    } finally {
      client.destroy()
    }
    expect(await direct.call('GET', 'foreign:l1:{k}')).toBe('theirs')
  })

  test('does not allow listening to others', async () => {
    const client = await connect()
    await expect(client.subscribe('foreign:g1:x', () => {})).rejects.toThrow('NOPERM')
    await expect(client.pSubscribe('*', () => {})).rejects.toThrow('NOPERM')
    client.destroy()
  })

  test('is refused to a lock of another prefix, and says so', async () => {
    const client = await connect()
    const store: LeaseStore = redisStore(client)
    const [ours, theirs] = ['ours', 'foreign'].map((prefix) =>
      createLocks(store, { prefix, storeTimeout: '30s' }),
    )
    await expect(theirs?.acquire('k', { wait: 0 })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('permission'),
    })
    await ours?.request('k', async (lock) => expect(lock.held).toBe(true))
    await ours?.close()
    await theirs?.close()
    client.destroy()
  })
})
