import { type CacheStore, HerdCache } from '@locks/herd-cache'

/** What a herd met, and how it went. */
export interface Scene {
  readonly name: string
  readonly callers: number
  readonly loads: number
  /** How long the slowest caller waited. */
  readonly worstMs: number
  readonly outcome: string
}

type Services = readonly [HerdCache, HerdCache]
type Play = (services: Services, key: string[]) => Promise<Omit<Scene, 'name'>>

const HERD = 200
const LOAD_MS = 200
const VALUES = 1000
const ROWS = 500
const HITS = 100_000

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const count = (n: number) => n.toLocaleString('en-US')

/** The whole herd calls at the same moment, half of it in each service. */
async function together<T>(services: Services, call: (cache: HerdCache) => Promise<T>) {
  let worstMs = 0
  const wait = async (_: unknown, caller: number) => {
    const startMs = performance.now()
    const value = await call(services[caller % 2] as HerdCache)
    worstMs = Math.max(worstMs, performance.now() - startMs)
    return value
  }
  const values = await Promise.all(Array.from({ length: HERD }, wait))
  return { callers: HERD, values, worstMs }
}

const plays: Readonly<Record<string, Play>> = {
  async 'its ttl is over'(services, key) {
    await services[0].getOrSet(key, () => 'old', { ttl: 50, grace: '1m' })
    await sleep(60)
    let loads = 0
    const reload = async () => {
      loads++
      await sleep(LOAD_MS)
      return 'new'
    }
    const { values, ...seen } = await together(services, (cache) => cache.getOrSet(key, reload))
    while ((await services[1].get(key)) !== 'new') await sleep(20)
    const old = values.filter((value) => value === 'old').length
    return { ...seen, loads, outcome: `${old} got the old value at once` }
  },

  async 'its loader fails'(services, key) {
    await services[0].getOrSet(key, () => 'old', { ttl: 50, grace: 0, staleIfError: '1m' })
    await sleep(60)
    let loads = 0
    const fail = async () => {
      loads++
      await sleep(LOAD_MS)
      throw new Error('the backend is down')
    }
    const options = { grace: 0, staleIfError: '1m' } as const
    const { values, ...seen } = await together(services, (cache) =>
      cache.getOrSet(key, fail, options),
    )
    const old = values.filter((value) => value === 'old').length
    return { ...seen, loads, outcome: `${old} got the old value, none an error` }
  },

  async 'it is deleted while it loads'(services, key) {
    let row = 'old'
    let loads = 0
    const load = async () => {
      loads++
      const read = row
      await sleep(LOAD_MS)
      return read
    }
    const slow = services[0].getOrSet(key, load)
    while (loads === 0) await sleep(5)
    row = 'new'
    await services[1].delete(key)
    await slow
    const { values, ...seen } = await together(services, (cache) => cache.getOrSet(key, load))
    const stale = values.filter((value) => value === 'old').length
    return { ...seen, loads: loads - 1, outcome: `${stale} got the old value afterwards` }
  },

  async 'all that has its tag ends'(services, key) {
    const keys = Array.from({ length: VALUES }, (_, at) => [...key, at])
    await services[0].setMany(
      keys.map((each) => [each, 'old'] as const),
      { tags: [key] },
    )
    const startMs = performance.now()
    await services[0].invalidateTags([key])
    const left = (await services[1].getMany(keys)).filter((value) => value !== undefined)
    const worstMs = performance.now() - startMs
    const outcome = `${left.length} of ${count(VALUES)} values are left`
    return { callers: 1, loads: 0, worstMs, outcome }
  },

  async 'it is a stream'(services, key) {
    let loads = 0
    async function* rows() {
      loads++
      for (let row = 0; row < ROWS; row++) yield { row }
    }
    const readers = new Map(
      services.map((cache) => [cache, cache.memoizeIter(rows, { key: () => key })]),
    )
    const { values, ...seen } = await together(services, async (cache) => {
      let read = 0
      for await (const { row } of readers.get(cache)?.() ?? []) read += row === read ? 1 : 0
      return read
    })
    const whole = values.filter((read) => read === ROWS).length
    return { ...seen, loads, outcome: `${whole} read all ${count(ROWS)} rows` }
  },
}

/** What becomes of a value after its first load, in two services that share nothing but their store. */
export async function playScenes(
  stores: readonly [CacheStore, CacheStore],
  runId: string,
): Promise<Scene[]> {
  const options = { namespace: 'demo', storeTimeout: '30s', jitter: 0 } as const
  const [one, two] = stores.map((store) => new HerdCache({ store, ...options }))
  const services = [one, two] as Services
  const scenes: Scene[] = []
  for (const [name, play] of Object.entries(plays))
    scenes.push({ name, ...(await play(services, [runId, name])) })
  const near = new HerdCache({ store: stores[0], ...options, l1: { max: 100 } })
  scenes.push({ name: 'it is kept in the process', ...(await hitNear(near, [runId, 'near'])) })
  await Promise.all([...services, near].map((cache) => cache.close()))
  return scenes
}

async function hitNear(cache: HerdCache, key: string[]): Promise<Omit<Scene, 'name'>> {
  await cache.set(key, 'value')
  const startMs = performance.now()
  for (let hit = 0; hit < HITS; hit++) await cache.get(key)
  const takenMs = performance.now() - startMs
  const outcome = `${(HITS / takenMs / 1000).toFixed(1)} million hits a second, one after the other`
  return { callers: HITS, loads: 0, worstMs: takenMs, outcome }
}
