import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import { type MemcachedServer, startMemcached } from '@locks/test-servers'
import { createLocks, type Locks, memcachedStore } from '../src/index.ts'
import { connectors, PATIENT_MS } from './clients.ts'
import { until } from './until.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

const FOR_EVER = { wait: Infinity }
const WAITERS = 20
const kinds = Object.entries(connectors).filter(([name]) => name !== 'memcached with a namespace')

describe.each(kinds)('who waits, through %s', (_name, connect) => {
  test('asks once for all of its process, and is served in turn at two commands each', async () => {
    const { client, close } = connect(server.address)
    const store = memcachedStore(client)
    const sent: string[] = []
    const counted = {
      ...store,
      acquire: (request: Parameters<typeof store.acquire>[0]) => {
        sent.push('acquire')
        return store.acquire(request)
      },
      release: (request: Parameters<typeof store.release>[0]) => {
        sent.push('release')
        return store.release(request)
      },
    }
    // Time stands still: nobody polls because the machine is slow.
    const locks = createLocks(counted, { clock: manualClock(), ttl: '10m' })
    const holder = await locks.acquire('in turn')
    const served: number[] = []
    const waiters = Array.from({ length: WAITERS }, async (_, n) => {
      const lock = await locks.acquire('in turn', FOR_EVER)
      served.push(n)
      await lock.release()
    })
    await until(async () => sent.length === 2)
    await holder.release()
    await Promise.all(waiters)
    expect(served).toEqual(Array.from({ length: WAITERS }, (_, n) => n))
    const tries = sent.filter((command) => command === 'acquire').length
    // The holder's, the first waiter's, which was refused if it was answered before the release, and one each.
    expect(tries).toBeGreaterThanOrEqual(1 + WAITERS)
    expect(tries).toBeLessThanOrEqual(2 + WAITERS)
    expect(sent.length - tries).toBe(1 + WAITERS)
    await locks.close()
    await close()
  })

  test('shares the name with those of other processes, one at a time', async () => {
    const { client, close } = connect(server.address)
    const options = { ttl: '10m', storeTimeout: PATIENT_MS } as const
    const processes = [1, 2].map(() => createLocks(memcachedStore(client), options))
    let inside = 0
    const most: number[] = []
    const enter = (locks: Locks) =>
      locks.request('shared', FOR_EVER, async () => {
        most.push(++inside)
        await new Promise((resolve) => setImmediate(resolve))
        inside--
      })
    await Promise.all(processes.flatMap((locks) => Array.from({ length: 5 }, () => enter(locks))))
    expect(most).toEqual(Array(10).fill(1))
    await Promise.all(processes.map((locks) => locks.close()))
    await close()
  })
})
