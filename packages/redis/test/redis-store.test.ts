import { expect, test } from '@jest/globals'
import { redisStore } from '../src/index.ts'
import * as scripts from '../src/lua.gen.ts'

/** What a client may have, and this one has not. */
const PROBED = [
  'execute',
  'duplicate',
  '_keyPrefix',
  'clientKeyPrefix',
  'withCommandOptions',
  'oneSlot',
]

const lease = { key: 'lease', token: 'a', ttlMs: 1_000 }
const entry = { key: 'entry', token: 'a', ttlMs: 1_000, data: new Uint8Array() }

test('renewals and releases go out before whatever else was issued in the same turn', async () => {
  const texts = Object.values(scripts).flatMap(({ sha1, source, name }) => [
    [sha1, name] as const,
    [source, name] as const,
  ])
  const names = new Map<unknown, string>(texts)
  const sent: string[] = []
  const store = redisStore({
    sendCommand([command, text]) {
      sent.push(names.get(text) ?? String(command))
      return new Promise(() => {})
    },
  })
  void store.acquire({ ...lease, key: 'other' })
  void store.inspect('another')
  void store.read(['entry'])
  void store.read(['entry', 'other'])
  void store.lease({ ...entry, key: 'other entry', leaseMs: 1_000 })
  void store.commit(entry)
  void store.write(entry)
  void store.remove(['entry'])
  void store.extend(lease)
  void store.release(lease)
  void store.renew('load', 'a', 1_000)
  void store.fail('load', 'a', 'reason', 1_000)
  await new Promise((resolve) => process.nextTick(resolve))
  expect(sent.slice(0, 4)).toEqual(['extend', 'release', 'cache-renew', 'cache-fail'])
  expect(sent.slice(4)).toEqual([
    ...['acquire', 'inspect', 'GET', 'MGET'],
    ...['cache-lease', 'cache-commit', 'cache-write', 'cache-remove'],
  ])
})

test('a store that nobody waits on uses the client for its commands alone', async () => {
  const client = new Proxy(
    { sendCommand: async () => 0 },
    {
      get(target, name) {
        if (name === 'sendCommand') return target.sendCommand
        if (PROBED.includes(String(name))) return undefined
        throw new Error(`the client's ${String(name)} was touched`)
      },
    },
  )
  const store = redisStore(client)
  expect(await store.renew('load', 'a', 1_000)).toBe(false)
})
