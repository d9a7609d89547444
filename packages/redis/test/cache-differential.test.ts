import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type CacheState, cacheStep } from '@locks/core/spec'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { type CacheStore, redisStore } from '../src/index.ts'
import { type Connected, connectClient } from './clients.ts'
import { runSequences, Sequence } from './differential.ts'

let redis: RedisServer
let direct: RespConnection
let connected: Connected
beforeAll(async () => {
  redis = await startRedis()
  direct = await RespConnection.open(redis.port)
  connected = await connectClient(redis.url)
})
afterAll(async () => {
  direct.close()
  await connected.close()
  await redis.stop()
})

interface Request {
  readonly token: string
  readonly ms: number
  readonly data: Uint8Array
  readonly expected: string | undefined
  readonly seen?: string
  readonly awaited?: string
  readonly notAfterMs?: number
}

interface Command {
  ask(store: CacheStore, key: string, request: Request): Promise<unknown>
  expect(state: CacheState, request: Request, nowMs: number): unknown
}

const commands: Record<string, Command> = {
  read: {
    ask: async (store, key) => (await store.read([key]))[0],
    expect: (state, _, nowMs) => cacheStep.read(state, nowMs),
  },
  'read of many': {
    ask: async (store, key) => (await store.read([`${key} none`, key]))[1],
    expect: (state, _, nowMs) => cacheStep.read(state, nowMs),
  },
  lease: {
    ask: (store, key, { ms, ...request }) => store.lease({ ...request, key, leaseMs: ms }),
    expect: (state, { ms, ...request }, nowMs) =>
      cacheStep.lease(state, { ...request, leaseMs: ms }, nowMs),
  },
  renew: {
    ask: (store, key, { token, ms }) => store.renew(key, token, ms),
    expect: (state, { token, ms }, nowMs) => cacheStep.renew(state, token, ms, nowMs),
  },
  commit: {
    ask: (store, key, { token, data, ms }) => store.commit({ key, token, data, ttlMs: ms }),
    expect: (state, { token, data, ms }, nowMs) =>
      cacheStep.commit(state, { token, data, ttlMs: ms }, nowMs),
  },
  fail: {
    ask: (store, key, { token, ms }) => store.fail(key, token, `of ${token}`, ms),
    expect: (state, { token, ms }, nowMs) => cacheStep.fail(state, token, `of ${token}`, ms, nowMs),
  },
  write: {
    ask: (store, key, { ms, ...request }) => store.write({ ...request, key, ttlMs: ms }),
    expect: (state, { ms, ...request }, nowMs) =>
      cacheStep.write(state, { ...request, ttlMs: ms }, nowMs),
  },
  'compare and set': {
    ask: (store, key, { ms, expected, ...request }) =>
      store.compareAndSet({ ...request, key, ttlMs: ms, expected }),
    expect: (state, { ms, expected, ...request }, nowMs) =>
      cacheStep.compareAndSet(state, { ...request, ttlMs: ms, expected }, nowMs),
  },
  remove: {
    ask: (store, key) => store.remove([key]),
    expect: (state, _, nowMs) => Number(cacheStep.remove(state, nowMs)),
  },
}

/** By how often a cache sends them, more or less. */
const weighted = Object.keys(commands).flatMap((name) =>
  Array.from(
    { length: { lease: 5, fail: 2, commit: 2, renew: 2, 'compare and set': 3 }[name] ?? 1 },
    () => name,
  ),
)

class CacheSequence extends Sequence {
  readonly #store: CacheStore
  readonly #key: string
  readonly #model: CacheState = {}

  constructor(seed: number, key: string, store: CacheStore) {
    super(seed)
    this.#key = key
    this.#store = store
  }

  protected ends(): number[] {
    const { entry, lease } = this.#model
    return [entry, lease].flatMap((part) => (part ? [part.untilMs] : []))
  }

  protected async step(): Promise<boolean> {
    const name = this.chance.pick(weighted)
    const { ask, expect } = commands[name] as Command
    const request = this.#request()
    const answer = await this.send(name, request, () => ask(this.#store, this.#key, request))
    if (!answer) return false
    const { storeNowMs = answer.sentAtMs } = (answer.reply ?? {}) as { storeNowMs?: number }
    this.compare(answer, expect(this.#model, request, storeNowMs))
    await this.#checkExpiry()
    return true
  }

  /** Every key has a TTL. */
  async #checkExpiry(): Promise<void> {
    for (const key of [this.#key, `${this.#key}:l`]) {
      expect(await direct.call('PTTL', key)).not.toBe(-1)
    }
  }

  #request(): Request {
    const token = () => this.chance.pick(['a', 'b', 'c'])
    return {
      token: token(),
      ms: this.chance.pick([350, 20_000, 60_000]),
      expected: this.chance.happens(0.3) ? undefined : token(),
      data: Buffer.from(Array.from({ length: 4 }, () => this.chance.fraction() * 256)),
      ...(this.chance.happens(0.4) && { seen: token() }),
      ...(this.chance.happens(0.6) && { awaited: token() }),
      ...(this.chance.happens(0.2) && { notAfterMs: Date.now() + 5_000 }),
      ...(this.chance.happens(0.1) && { notAfterMs: Date.now() - 1_000 }),
    }
  }
}

test('entries behave as the specification says, whatever the commands', async () => {
  const store = redisStore(connected.client)
  await runSequences(300, 20, (seed, i) => new CacheSequence(seed, `locks:c1:{${i}}`, store))
}, 600_000)
