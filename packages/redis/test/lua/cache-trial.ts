import type { CacheStore, LoadSignal } from '@locks/core'
import { type CacheState, cacheStep } from '@locks/core/spec'
import { redisStore } from '../../src/index.ts'
import type { RedisClient } from '../../src/redis-client.ts'
import type { Listener } from './listener.ts'
import { LONG_MS, SHORT_MS, Trial } from './trial.ts'

interface Request {
  readonly token: string
  readonly ms: number
  readonly data: Uint8Array
  readonly expected: string | undefined
  readonly announce: boolean
  readonly seen?: string
  readonly awaited?: string
  readonly notAfterMs?: number
}

type Signals = (signal: LoadSignal) => void

interface Command {
  ask(store: CacheStore, key: string, request: Request): Promise<unknown>
  expect(state: CacheState, request: Request, nowMs: number, signal: Signals): unknown
}

const commands: Readonly<Record<string, Command>> = {
  read: {
    ask: async (store, key) => (await store.read([key]))[0],
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
    ask: (store, key, { token, data, ms, announce }) =>
      store.commit({ key, token, data, ttlMs: ms, announce }),
    expect: (state, { token, data, ms, announce }, nowMs, signal) =>
      cacheStep.commit(state, { token, data, ttlMs: ms, announce }, nowMs, signal),
  },
  fail: {
    ask: (store, key, { token, ms }) => store.fail(key, token, `of ${token}`, ms),
    expect: (state, { token, ms }, nowMs, signal) =>
      cacheStep.fail(state, token, `of ${token}`, ms, nowMs, signal),
  },
  write: {
    ask: (store, key, { ms, ...request }) => store.write({ ...request, key, ttlMs: ms }),
    expect: (state, { ms, ...request }, nowMs, signal) =>
      cacheStep.write(state, { ...request, ttlMs: ms }, nowMs, signal),
  },
  'compare and set': {
    ask: (store, key, { ms, ...request }) => store.compareAndSet({ ...request, key, ttlMs: ms }),
    expect: (state, { ms, ...request }, nowMs, signal) =>
      cacheStep.compareAndSet(state, { ...request, ttlMs: ms }, nowMs, signal),
  },
  remove: {
    ask: (store, key, { announce }) => store.remove([key], { announce }),
    expect: (state, { announce }, nowMs, signal) =>
      Number(cacheStep.remove(state, nowMs, signal, announce)),
  },
}

/** By how often a cache sends them, more or less. */
const COUNTS = { lease: 8, fail: 4, commit: 2, renew: 2, 'compare and set': 3 }
const weighted = Object.keys(commands).flatMap((name) =>
  Array.from({ length: COUNTS[name as keyof typeof COUNTS] ?? 1 }, () => name),
)
/** While nothing is stored, loads fail and their reasons are asked for. */
const fruitless = weighted.filter((name) => ['lease', 'renew', 'fail'].includes(name))

export interface CacheTrialParts {
  readonly client: RedisClient
  readonly listener: Listener
  /** Of the mutant and its trial: makes keys and channels of its own. */
  readonly id: string
}

/** An entry and the lease of its load against `cacheStep`. */
export class CacheTrial extends Trial {
  readonly #store: CacheStore
  readonly #listener: Listener
  readonly #prefix: string
  readonly #key: string
  readonly #model: CacheState = {}
  readonly #names = this.chance.happens(0.3) ? fruitless : weighted
  #signals: LoadSignal[] = []

  constructor(seed: number, { client, listener, id }: CacheTrialParts) {
    super(seed)
    this.#listener = listener
    this.#prefix = `${id}:c1:`
    this.#key = `${this.#prefix}{k}`
    this.#store = redisStore(client, { subscriber: listener.subscriber })
  }

  override async run(): Promise<void> {
    const subscription = this.#store.onSignal?.(this.#prefix, {
      signal: (key, signal) => {
        if (!this.#listener.heardMark(key)) this.#signals.push(signal)
      },
      disconnected() {},
      reconnected() {},
    })
    await subscription?.ready
    try {
      await super.run()
    } finally {
      await subscription?.close()
    }
  }

  protected ends(): number[] {
    const { entry, lease } = this.#model
    return [entry, lease].flatMap((part) => (part ? [part.untilMs] : []))
  }

  protected async step(): Promise<void> {
    const name = this.chance.pick(this.#names)
    const { ask, expect } = commands[name] as Command
    const request = this.#request()
    const exchange = await this.exchange(`${name} ${JSON.stringify(request)}`, async () => ({
      reply: (await ask(this.#store, this.#key, request)) ?? null,
    }))
    await this.#listener.silence([`${this.#prefix}signals`], (word) => `c - ${word}`)
    const { storeNowMs = exchange.sentAtMs } = (exchange.reply.reply ?? {}) as {
      storeNowMs?: number
    }
    const signals: LoadSignal[] = []
    const signal = (each: LoadSignal) => signals.push(each)
    const reply = expect(this.#model, request, storeNowMs, signal) ?? null
    const seen = { ...exchange, reply: { ...exchange.reply, signals: this.#signals } }
    this.#signals = []
    this.compare(seen, { reply, signals }, false)
    await this.#checkExpiry()
    await this.pass(exchange)
  }

  /** Every key has a TTL, and it is that of the specification. */
  async #checkExpiry(): Promise<void> {
    const { entry, lease } = this.#model
    const parts = [
      [this.#key, entry],
      [`${this.#key}:l`, lease],
    ] as const
    for (const [key, part] of parts) {
      const endMs = Number(await this.#listener.call('PEXPIRETIME', key))
      this.check(endMs !== -1, 'a key without a ttl')
      if (!part || part.untilMs < Date.now() + LONG_MS[0] / 2) continue
      const isIt = Math.abs(endMs - part.untilMs) < LONG_MS[0] / 2
      this.check(isIt, `${key} ends ${endMs - part.untilMs} ms after what is in it`)
    }
  }

  #request(): Request {
    const token = () => this.chance.pick(['a', 'b', 'c'])
    return {
      token: token(),
      ms: this.chance.happens(0.15) ? SHORT_MS : this.chance.pick(LONG_MS),
      expected: this.chance.happens(0.3) ? undefined : token(),
      announce: this.chance.happens(0.3),
      data: Buffer.from(Array.from({ length: 4 }, () => this.chance.fraction() * 256)),
      ...(this.chance.happens(0.4) && { seen: token() }),
      ...(this.chance.happens(0.6) && { awaited: token() }),
      ...(this.chance.happens(0.2) && { notAfterMs: Date.now() + LONG_MS[0] }),
      ...(this.chance.happens(0.1) && { notAfterMs: Date.now() - 1_000 }),
    }
  }
}
