import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals'
import keyvTestSuite from '@keyv/test-suite'
import { manualClock } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'
import { Keyv } from 'keyv'
import { asKeyvStore, type CacheStore, HerdCache } from '../src/index.ts'
import { Backends } from './helpers/backends.ts'

let backends: Backends
const stores = new Map<string, CacheStore>([['memory', memoryStore()]])
beforeAll(async () => {
  backends = await Backends.start()
  const [redis] = await backends.open('Redis', 1)
  stores.set('Redis', redis as CacheStore)
})
afterAll(() => backends[Symbol.asyncDispose]())

/**
 * What Keyv's suite uses of the runner that it was written for. To Keyv time stands still but for what a
 * test sets it to: a ttl of a second is not used up by a slow machine.
 */
const runner = {
  beforeEach,
  afterEach,
  it: (name: string, body: (context: { expect: typeof expect }) => unknown) =>
    test(name, async () => {
      // It sleeps instead of setting the time, and uses a store of Keyv's own.
      const sleeps = name.endsWith('undefined when expires')
      const now = sleeps ? undefined : jest.spyOn(Date, 'now').mockReturnValue(Date.now())
      try {
        await body({ expect })
      } finally {
        now?.mockRestore()
      }
      expect.hasAssertions()
    }),
}

/** Whose values outlast what Keyv has noted as their end. */
function patientStore(cache: HerdCache) {
  const store = asKeyvStore(cache)
  const { set } = store
  store.set = (key, value, ttlMs) => set(key, value, ttlMs && ttlMs * 1000)
  return store
}

describe.each(['memory', 'Redis'])('Keyv’s own suite, on %s', (kind) => {
  let cache: HerdCache
  beforeAll(() => {
    const store = stores.get(kind) as CacheStore
    // Keyv expects nothing stale, and no deadline is one that a busy machine could miss.
    cache = new HerdCache({ store, namespace: 'suite', grace: 0, storeTimeout: '60s' })
  })
  afterAll(() => cache.close())
  keyvTestSuite(runner as never, Keyv, () => patientStore(cache))
})

/** Processes that share one store and one time, each with its Keyv. */
function processes(count: number) {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const all = Array.from({ length: count }, () => {
    const cache = new HerdCache({ store, namespace: 'keyv', clock, grace: '2s' })
    return { cache, keyv: new Keyv({ store: asKeyvStore(cache) }) }
  })
  return { clock, all }
}

describe('a store of Keyv', () => {
  test('when a ttl is over one caller is told that there is no value, the others get the old one', async () => {
    const { clock, all } = processes(3)
    const kept = all.map(({ cache }) => asKeyvStore(cache))
    await kept[0]?.set('k', 'old', 1000)
    await clock.advance(1100)
    const answers: unknown[] = []
    for (const each of [...kept, ...kept]) answers.push(await each.get('k'))
    expect(answers).toEqual([undefined, 'old', 'old', 'old', 'old', 'old'])
    await kept[0]?.set('k', 'new', 1000)
    for (const each of kept) expect(await each.get('k')).toBe('new')
    await clock.advance(3001)
    for (const each of kept) expect(await each.get('k')).toBeUndefined()
  })

  test('another is told when the first sets nothing in the time of a lease', async () => {
    const { clock, all } = processes(1)
    const [{ cache }] = all as [(typeof all)[0]]
    const store = asKeyvStore(cache)
    const long = new HerdCache({
      store: memoryStore({ clock }),
      namespace: 'n',
      clock,
      grace: '1m',
    })
    const other = asKeyvStore(long)
    await other.set('k', 'old', 1000)
    await clock.advance(1100)
    expect([await other.get('k'), await other.get('k')]).toEqual([undefined, 'old'])
    await clock.advance(5000)
    expect([await other.get('k'), await other.get('k')]).toEqual([undefined, 'old'])
    expect(await store.has('k')).toBe(false)
  })

  test('Keyv itself takes a stale value for good, as long as its grace lasts', async () => {
    const { all } = processes(1)
    const [{ keyv }] = all as [(typeof all)[0]]
    const stored = asKeyvStore((all[0] as (typeof all)[0]).cache)
    const before = Date.now()
    await keyv.set('k', { expires: 5 }, 1000)
    const text = (await stored.get<string>('keyv:k')) as string
    const { value, expires } = JSON.parse(text)
    expect(value).toEqual({ expires: 5 })
    expect(expires).toBeGreaterThanOrEqual(before + 3000)
    expect(await keyv.get('k')).toEqual({ expires: 5 })
  })

  test('a namespace is cleared without the others, and without what is no value of Keyv', async () => {
    const { clock, all } = processes(1)
    const [{ cache }] = all as [(typeof all)[0]]
    const [one, two] = ['one', 'two'].map(
      (namespace) => new Keyv({ store: asKeyvStore(cache), namespace }),
    ) as [Keyv, Keyv]
    await cache.set('own', 1)
    await one.set('k', 1)
    await two.set('k', 2)
    await clock.until(one.clear())
    expect([await one.get('k'), await two.get('k'), await cache.get('own')]).toEqual([
      undefined,
      2,
      1,
    ])
  })

  test('is of a cache only', () => {
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' })
    expect(() => asKeyvStore(new Map() as never)).toThrow(invalid)
  })
})
