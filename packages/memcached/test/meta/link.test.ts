import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import {
  type MemcachedServer,
  spawnProgram,
  startMemcached,
  startProxy,
  textExchange,
} from '@locks/test-servers'
import { type Clock, systemClock } from '../../src/index.ts'
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

describe('a server that is down', () => {
  test('is an error and no hang, and the first call after its return succeeds', async () => {
    await using mortal = await startMemcached()
    await using own = openMeta(mortal.address)
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
    await using own = openMeta(relay.address, {
      clock: { ...systemClock, after },
      timeout: timeoutMs,
    })
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
    const { transport, store } = openMeta(server.address)
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
    const { transport } = openMeta(proxy.address, { clock: manualClock() })
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

/** The longest pause between two tries to connect. */
const PAUSE_MAX_MS = 500

/** A port where nobody listens. */
const NOBODY = 1
