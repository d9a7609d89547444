import { HerdCache } from '@locks/herd-cache'
import { redisStore } from '@locks/redis'
import { startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { now } from '../harness/clock.ts'
import { measureInTurn } from '../harness/measure-in-turn.ts'
import type { Missing, Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { disconnectPeers, versioned } from '../peers/load-peer.ts'
import { loadContender } from './contenders.ts'
import { LRU, nearContenders, OURS } from './near-contenders.ts'

/** Many short ones: what disturbs the machine falls on all alike. */
const roundsByDefault = 30
const farRoundsByDefault = 20
const keys = Array.from({ length: 200 }, (_, i) => `product-${i}`)
const nearBatch = 2000
const nearMs = 50
const farMs = 100
// No deadline that a busy machine could miss.
const options = { ttl: '1h', storeTimeout: '60s' } as const
const RAW = 'GET + JSON.parse by the client'
/** What it does by default costs it more than the sending. */
const BARE = `${RAW}, commands unwatched`
/** Who can do without a copy in the process. */
const FAR_PEERS = ['cache-manager', 'async-cache-dedupe', '@epic-web/cachified']

/** Values that are there: in the process, and in Redis. */
export async function hit(settings: Settings): Promise<Scenario[]> {
  return [await nearHit(settings), await farHit(1, settings), await farHit(64, settings)]
}

async function nearHit(settings: Settings): Promise<Scenario> {
  const rounds = settings.rounds ?? roundsByDefault
  const getters = new Map<string, (key: string) => unknown>()
  const { results, missing } = await measureInTurn<number>({
    contenders: Object.keys(nearContenders).filter((name) => isWanted(name, settings)),
    ours: OURS,
    rounds,
    roundsOf: () => rounds,
    async measure(name) {
      const get = getters.get(name) ?? (await nearContenders[name]?.fill(keys))
      if (!get) throw new Error(`no such contender: ${name}`)
      getters.set(name, get)
      return measureNear(get)
    },
  })
  const rates = new Map([...results].map(([name, each]) => [name, median(each)]))
  const ours = rates.get(OURS) ?? 0
  const floor = rates.get(LRU)
  const peers = [...rates].filter(([name]) => name !== OURS && name !== LRU)
  const best = Math.max(0, ...peers.map(([, rate]) => rate))
  const rows = [...rates].map(async ([name, rate]) => ({
    library: name === OURS ? name : await versioned(name),
    'M/s': digits(rate / 1e6, 2),
    'of ours': digits(rate / ours, 2),
  }))
  return {
    title: `hit in the process: ${keys.length} keys in turn, one caller, each awaited`,
    notes: [`median of ${rounds} rounds of ${nearMs} ms`],
    rows: await Promise.all(rows),
    targets: [
      {
        what: 'ours beside the fastest peer',
        measured: `${digits(ours / 1e6, 2)} M/s`,
        limit: `> ${digits(best / 1e6, 2)} M/s`,
        ok: ours > best,
      },
      ...(floor === undefined
        ? []
        : [
            {
              what: 'ours beside the get of lru-cache',
              measured: digits(ours / floor, 2),
              limit: '>= 0.33',
              ok: ours >= floor / 3,
            },
          ]),
    ],
    violations: [],
    missing,
  }
}

/** Per second. */
async function measureNear(get: (key: string) => unknown): Promise<number> {
  const startMs = now()
  let count = 0
  for (; now() - startMs < nearMs; count += nearBatch) {
    for (let i = 0; i < nearBatch; i++) {
      const value = (await get(keys[i % keys.length] as string)) as { key?: string } | undefined
      if (value?.key === undefined) throw new Error('a value that was there is not')
    }
  }
  return count / ((now() - startMs) / 1000)
}

async function farHit(concurrency: number, settings: Settings): Promise<Scenario> {
  await using server = await startRedis()
  const client = createClient({ url: server.url })
  client.on('error', () => {})
  await client.connect()
  const unwatched = client.withCommandOptions({ timeout: 0 })
  const rounds = settings.rounds ?? farRoundsByDefault
  const cache = new HerdCache({ ...options, store: redisStore(client), namespace: 'bench' })
  for (const key of keys) {
    const value = { key, text: 'x'.repeat(200) }
    await cache.set(key, value)
    await client.set(`raw:${key}`, JSON.stringify(value))
  }
  const gets: Record<string, Get> = {
    [OURS]: (key) => cache.getOrSet(key, async () => undefined),
    [RAW]: async (key) => JSON.parse((await client.get(`raw:${key}`)) ?? 'null'),
    [BARE]: async (key) => JSON.parse((await unwatched.get(`raw:${key}`)) ?? 'null'),
  }
  const peers = await peersOn(server.url, settings)
  Object.assign(gets, peers.gets)
  // The first seconds are the compiler's.
  for (const get of Object.values(gets)) await measureFar(get, concurrency)
  const { results, missing } = await measureInTurn<number>({
    contenders: Object.keys(gets),
    ours: OURS,
    rounds,
    roundsOf: () => rounds,
    measure: (name) => measureFar(gets[name] as Get, concurrency),
  })
  await cache.close()
  client.destroy()
  disconnectPeers()
  const rates = new Map([...results].map(([name, each]) => [name, median(each)]))
  const raw = results.get(RAW) ?? []
  // Of the same round: what disturbs the machine disturbs both.
  const part = median((results.get(OURS) ?? []).map((rate, i) => rate / (raw[i] ?? Number.NaN)))
  const wanted = concurrency === 1 ? 0.95 : 0.85
  return {
    title: `hit in Redis: ${concurrency === 1 ? '1 caller' : `${concurrency} callers`}, each with keys of its own`,
    notes: [`median of ${rounds} rounds of ${farMs} ms`],
    rows: [...rates].map(([name, rate]) => ({ library: name, 'per s': digits(rate, 0) })),
    targets: [
      {
        what: 'ours beside the raw client',
        measured: digits(part, 2),
        limit: `>= ${wanted}`,
        ok: part >= wanted,
      },
    ],
    violations: [],
    missing: [...peers.missing, ...missing],
  }
}

type Get = (key: string) => Promise<unknown>

/** Filled with the same values. */
async function peersOn(url: string, settings: Settings) {
  const gets: Record<string, Get> = {}
  const missing: Missing[] = []
  for (const name of FAR_PEERS.filter((each) => isWanted(each, settings))) {
    try {
      const peer = await (await loadContender(name)).connect(url)
      const get: Get = (key) =>
        peer.getOrLoad(`far:${key}`, async () => ({ key, text: 'x'.repeat(200) }))
      for (const key of keys) await get(key)
      gets[await versioned(name)] = get
    } catch (error) {
      missing.push({ name, why: (error as Error).message })
    }
  }
  return { gets, missing }
}

/** Per second. No two callers ask for one key at once. */
async function measureFar(
  get: (key: string) => Promise<unknown>,
  concurrency: number,
): Promise<number> {
  const startMs = now()
  let count = 0
  const callers = Array.from({ length: concurrency }, async (_, caller) => {
    const own = keys.filter((_key, i) => i % concurrency === caller)
    for (let i = 0; now() - startMs < farMs; i++, count++) {
      const value = (await get(own[i % own.length] as string)) as { key?: string } | undefined
      if (value?.key === undefined) throw new Error('a value that was there is not')
    }
  })
  await Promise.all(callers)
  return count / ((now() - startMs) / 1000)
}

function isWanted(name: string, { only }: Settings): boolean {
  return name === OURS || only.length === 0 || only.some((part) => name.includes(part))
}
