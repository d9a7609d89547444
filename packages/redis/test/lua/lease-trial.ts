import { freeLease, type LeaseState, leaseStep } from '@locks/core/spec'
import { type AcquireRequest, type LeaseStore, redisStore } from '../../src/index.ts'
import type { RedisClient } from '../../src/redis-client.ts'
import type { Listener } from './listener.ts'
import { OTHERS, type Pushed, type PushLog, sorted } from './push-log.ts'
import { LONG_MS, SHORT_MS, Trial } from './trial.ts'

const WRITER = 2 ** 31
const COMMANDS = [
  ...(['acquire', 'acquire', 'acquire', 'acquire', 'extend', 'extend'] as const),
  ...(['release', 'release', 'leave', 'inspect', 'steal'] as const),
]
type Command = (typeof COMMANDS)[number]
type Size = Pick<AcquireRequest, 'units' | 'capacity'>
/** Of one capacity each. */
const SIZES: readonly (readonly Size[])[] = [
  [{}],
  [1, 1, 2, 4].map((units) => ({ units, capacity: 3 })),
  [1, 1, WRITER].map((units) => ({ units, capacity: WRITER })),
]
const TOKENS = ['a', 'b', 'c', 'd']
/** What a lease is handed over to. */
const HEIRS = ['e', 'f']
/** A thief never waits: its tokens are its own. */
const THIEVES = ['g', 'h']
const GONE = ['gone', 'gone{1}']
const DAY_MS = 86_400_000

export interface LeaseTrialParts {
  readonly client: RedisClient
  readonly listener: Listener
  readonly log: PushLog
  /** Of the mutant and its trial: makes keys and channels of its own. */
  readonly id: string
}

/** Leases and their queue against `leaseStep`. */
export class LeaseTrial extends Trial {
  readonly #store: LeaseStore
  /** That of a process where nobody waits: no channel is open in it. */
  readonly #deaf: LeaseStore
  readonly #key: string
  readonly #own: string
  readonly #parts: LeaseTrialParts
  readonly #model: LeaseState
  /** Sometimes sent again. */
  #lastExtend: AcquireRequest | undefined
  /** A day after the last grant that the trial was told of. */
  #fenceEndMs = 0
  /** Most requests of a trial agree on the capacity, as those of a program do. */
  readonly #usualSizes = this.chance.pick(SIZES)

  constructor(seed: number, parts: LeaseTrialParts) {
    super(seed)
    this.#parts = parts
    this.#key = `locks:l1:{${parts.id}}`
    this.#own = `own-${parts.id}`
    this.#store = redisStore(parts.client, { subscriber: parts.listener.subscriber })
    this.#deaf = redisStore(parts.client, { subscriber: parts.listener.subscriber })
    // In some, the server's clock has been set back since the last grant.
    this.#model = freeLease(this.chance.happens(0.4) ? (Date.now() + DAY_MS) * 1000 : 0)
  }

  override async run(): Promise<void> {
    const { listener, log } = this.#parts
    const subscriber = this.#own
    const subscription = this.#store.onGrant?.(subscriber, {
      granted: ({ key, ...grant }) => {
        if (!listener.heardMark(grant.token)) log.tell(key, { ...grant, subscriber })
      },
      stolen: ({ key, ...loss }) => log.tell(key, { ...loss, subscriber }),
      disconnected() {},
      reconnected() {},
    })
    await subscription?.ready
    if (this.#model.fence > 0)
      await listener.call('SET', this.#key, `${this.#model.fence}\n`, 'PX', DAY_MS)
    try {
      await super.run()
    } finally {
      await subscription?.close()
    }
  }

  protected ends(): number[] {
    return [...this.#model.holders.values()].map(({ untilMs }) => untilMs)
  }

  protected async step(): Promise<void> {
    const command = this.chance.pick(COMMANDS)
    const request = this.#request(command)
    const exchange = await this.exchange(`${command} ${JSON.stringify(request)}`, async () => ({
      reply: await this.#ask(command, request),
    }))
    const channels = [this.#own, ...OTHERS, 'shard']
    await this.#parts.listener.silence(channels, (word) => `${word} 0 0 0 0 none`)
    const seen = {
      ...exchange,
      reply: { ...exchange.reply, pushed: this.#parts.log.take(this.#key) },
    }
    const told = (exchange.reply.reply as { storeNowMs?: number }).storeNowMs
    if (told !== undefined) {
      const isNow = told > exchange.sentAtMs - 60_000 && told < exchange.repliedAtMs + 60_000
      this.check(isNow, 'another time')
    }
    const expected = this.#expected(command, request, told ?? exchange.sentAtMs)
    this.compare(seen, expected, told !== undefined)
    await this.#checkExpiry(expected.reply, request)
    await this.pass(exchange)
  }

  #request(command: Command): AcquireRequest {
    if (command === 'extend' && this.#lastExtend && this.chance.happens(0.2))
      return this.#lastExtend
    const request = this.#newRequest(command)
    if (command === 'extend') this.#lastExtend = request
    return request
  }

  #newRequest(command: Command): AcquireRequest {
    const sizes = this.chance.happens(0.85) ? this.#usualSizes : this.chance.pick(SIZES)
    const size = this.chance.pick(sizes)
    return {
      key: this.#key,
      token: this.#token(command),
      ttlMs: this.#ttlMs(),
      ...this.#notAfter(),
      ...(command === 'acquire' && {
        ...size,
        ...this.#waiter(),
        ...this.#told(),
        ...this.#fences(),
      }),
      ...(command === 'steal' && {
        ...(size.capacity && { capacity: size.capacity }),
        ...this.#told(),
      }),
      ...(command === 'extend' &&
        this.chance.happens(0.5) && { newToken: this.chance.pick(HEIRS) }),
    }
  }

  async #ask(command: Command, request: AcquireRequest): Promise<unknown> {
    if (command === 'inspect') return this.#store.inspect(this.#key)
    const store = command === 'release' && this.chance.happens(0.5) ? this.#deaf : this.#store
    const { [command]: ask } = store as Required<LeaseStore>
    return ask(request)
  }

  #expected(command: Command, request: AcquireRequest, nowMs: number) {
    const alive = (subscriber: string) => [this.#own, ...OTHERS].includes(subscriber)
    const environment = { nowUs: nowMs * 1000, alive }
    if (command === 'inspect') {
      const { reply } = leaseStep.inspect(this.#model, environment)
      // What the capacity of a name is that nobody holds, the specification leaves open.
      const shown = reply.holders.length === 0 ? { ...reply, capacity: 1 } : reply
      return { reply: shown, pushed: [] as Pushed[] }
    }
    const { reply, grants, losses = [] } = leaseStep[command](this.#model, request, environment)
    const heard = losses.filter(({ subscriber }) => alive(subscriber))
    return { reply, pushed: sorted([...grants, ...heard].map((each) => ({ ...each }))) }
  }

  /** Keys have a TTL, and live as long as what they are for. */
  async #checkExpiry(reply: object, { waiter }: AcquireRequest): Promise<void> {
    const { listener } = this.#parts
    const keys = ['', ':q', ':w'].map((part) => `${this.#key}${part}`)
    const [held, queue, waiters] = await Promise.all(
      keys.map(async (key) => Number(await listener.call('PEXPIRETIME', key))),
    )
    const of = reply as { state?: string; storeNowMs?: number; remainingMs?: number }
    const { state = '', storeNowMs = 0, remainingMs = Infinity } = of
    const lastEndMs = Math.max(0, ...this.ends().filter((end) => end > Date.now()))
    if (state === 'granted' || state === 'extended') this.#fenceEndMs = storeNowMs + DAY_MS
    this.check(held !== -1 && queue !== -1 && waiters !== -1, 'a key without a ttl')
    const neededMs = Math.max(lastEndMs, this.#fenceEndMs)
    this.check(neededMs === 0 || Number(held) >= neededMs, 'the key ends before its leases')
    if (state !== 'held' || !waiter) return
    const queueEndMs = storeNowMs + 60_000 + (remainingMs < Infinity ? remainingMs : 0)
    this.check(Math.min(Number(queue), Number(waiters)) >= queueEndMs, 'the queue ends too early')
  }

  /** Mostly of somebody who holds or waits. */
  #token(command: Command): string {
    const known = [...this.#model.holders.keys(), ...this.#model.queue.keys()]
    const tokens = tokensOf(command)
    const usable = known.filter((token) => tokens.includes(token))
    return this.chance.pick(usable.length > 0 && this.chance.happens(0.4) ? usable : tokens)
  }

  #ttlMs(): number {
    return this.chance.happens(0.2) ? SHORT_MS : this.chance.pick(LONG_MS)
  }

  #told(): { subscriber?: string } {
    return this.chance.happens(0.7) ? { subscriber: this.#anybody() } : {}
  }

  #waiter(): Pick<AcquireRequest, 'waiter'> {
    if (this.chance.happens(0.3)) return {}
    return { waiter: { subscriber: this.#anybody(), grantMs: this.#ttlMs() } }
  }

  #fences(): { fences?: number } {
    return this.chance.happens(0.3) ? { fences: 5 } : {}
  }

  #anybody(): string {
    return this.chance.pick([this.#own, this.#own, ...OTHERS, ...OTHERS, ...GONE])
  }

  #notAfter(): { notAfterMs?: number } {
    if (this.chance.happens(0.1)) return { notAfterMs: Date.now() - 1_000 }
    return this.chance.happens(0.2) ? { notAfterMs: Date.now() + LONG_MS[0] } : {}
  }
}

function tokensOf(command: Command): readonly string[] {
  if (command === 'acquire') return TOKENS
  return command === 'steal' ? THIEVES : [...TOKENS, ...HEIRS, ...THIEVES]
}
