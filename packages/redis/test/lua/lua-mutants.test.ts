import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RedisServer, startRedis } from '@locks/test-servers'
import * as scripts from '../../src/lua.gen.ts'
import type { RedisClient } from '../../src/redis-client.ts'
import { type Connected, connectClient } from '../clients.ts'
import { ACQUIRE_MUTANTS } from './acquire-mutants.ts'
import { CACHE_MUTANTS } from './cache-mutants.ts'
import { CacheTrial } from './cache-trial.ts'
import { LEASE_MUTANTS } from './lease-mutants.ts'
import { LEASE_PART_MUTANTS } from './lease-part-mutants.ts'
import { LeaseTrial } from './lease-trial.ts'
import { Listener } from './listener.ts'
import { LOAD_MUTANTS } from './load-mutants.ts'
import type { LuaMutant } from './lua-mutant.ts'
import { mutateScripts } from './mutate-scripts.ts'
import { mutatedClient } from './mutated-client.ts'
import { PushLog } from './push-log.ts'
import { Difference, type Trial } from './trial.ts'

const FOLDER = new URL('../../src/lua/', import.meta.url)
/** Matters to a server out of memory only: `redis-lease-store.test.ts`. */
const OUT_OF_MEMORY = ['_keep.lua']
/** They run several at once, which a trial does not: `groups.test.ts`. */
const GROUPS = ['_each.lua', 'acquire-each.lua', 'extend-each.lua', 'release-each.lua']
const WITHOUT_MUTANTS = [...OUT_OF_MEMORY, ...GROUPS]
/** Far more than any mutant needs: most are caught by one of the first four, the last by the 34th. */
const TRIALS = 400

let redis: RedisServer
let listener: Listener
let log: PushLog
let connected: Connected
beforeAll(async () => {
  redis = await startRedis()
  connected = await connectClient(redis.url)
  listener = await Listener.open(redis)
  log = await PushLog.open(listener)
})
afterAll(async () => {
  listener.close()
  await connected.close()
  await redis.stop()
})

type Start = (seed: number, client: RedisClient, id: string) => Trial

const startLease: Start = (seed, client, id) => new LeaseTrial(seed, { client, listener, log, id })
const startCache: Start = (seed, client, id) => new CacheTrial(seed, { client, listener, id })

/** The first difference that a mutant makes, and in which trial. */
async function caught(start: Start, mutant: LuaMutant, index: number): Promise<string | undefined> {
  const client = mutatedClient(connected.client, mutateScripts(mutant, FOLDER, scripts))
  for (let seed = 1; seed <= TRIALS; seed++) {
    try {
      await start(seed, client, `m${index}-${seed}`).run()
    } catch (error) {
      if (!(error instanceof Difference)) throw error
      return error.message
    }
  }
  return undefined
}

const OF_LEASES = [...LEASE_PART_MUTANTS, ...ACQUIRE_MUTANTS, ...LEASE_MUTANTS]
const OF_ENTRIES = [...LOAD_MUTANTS, ...CACHE_MUTANTS]

describe.each([
  ['lease', startLease, OF_LEASES],
  ['cache', startCache, OF_ENTRIES],
] as const)('scripts of the %s store', (kind, start, mutants) => {
  test('do what the specification says, with times to the millisecond', async () => {
    const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1)
    await Promise.all(seeds.map((seed) => start(seed, connected.client, `${kind}${seed}`).run()))
  })

  test('are told from each of their mutants', async () => {
    const outcomes = await Promise.all(mutants.map((mutant, i) => caught(start, mutant, i)))
    const survivors = mutants.filter((_, i) => outcomes[i] === undefined)
    expect(survivors.map(({ name }) => name)).toEqual([])
  })
})

test('every script and fragment has its mutants', () => {
  const files = readdirSync(FOLDER).filter((file) => !WITHOUT_MUTANTS.includes(file))
  const mutated = new Set([...OF_LEASES, ...OF_ENTRIES].map(({ file }) => file))
  expect([...mutated].sort()).toEqual(files.sort())
})
