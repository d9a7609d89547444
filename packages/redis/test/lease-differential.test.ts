import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  freeLease,
  type LeaseState,
  type LeaseStep,
  leaseStep,
  type StepGrant,
  type StepLoss,
} from '@locks/core/spec'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { type AcquireRequest, type LeaseStore, redisStore, type Waiter } from '../src/index.ts'
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

const WRITER = 2 ** 31
const COMMANDS = [
  ...(['acquire', 'acquire', 'acquire', 'acquire', 'extend', 'extend'] as const),
  ...(['release', 'leave', 'inspect', 'steal'] as const),
]
type Command = (typeof COMMANDS)[number]
const SIZES: readonly { units?: number; capacity?: number }[] = [
  {},
  { units: 1, capacity: 3 },
  { units: 2, capacity: 3 },
  { units: 4, capacity: 3 },
  { units: 1, capacity: WRITER },
  { units: WRITER, capacity: WRITER },
]
const TOKENS = ['a', 'b', 'c', 'd']
/** What a lease is handed over to. */
const HEIRS = ['e', 'f']
const THIEVES = ['g', 'h']
const LISTENING = ['one', 'other']
const GONE = 'gone'

type Store = LeaseStore & Required<Pick<LeaseStore, 'leave' | 'steal'>>

/** What was pushed for one name, in the order of arrival. */
interface Pushed {
  readonly grants: StepGrant[]
  readonly losses: StepLoss[]
}

class PushLog {
  readonly #pushed = new Map<string, Pushed>()

  of(key: string): Pushed {
    const pushed = this.#pushed.get(key) ?? { grants: [], losses: [] }
    this.#pushed.set(key, pushed)
    return pushed
  }

  take(key: string): Pushed {
    const { grants, losses } = this.of(key)
    this.#pushed.delete(key)
    return { grants, losses: losses.sort(byToken) }
  }
}

/** A hash has no order. */
const byToken = (one: StepLoss, other: StepLoss) => (one.token < other.token ? -1 : 1)

class LeaseSequence extends Sequence {
  readonly #store: Store
  readonly #key: string
  readonly #pushed: PushLog
  readonly #model: LeaseState = freeLease()
  /** Most requests of a sequence agree, as those of a program do. */
  readonly #usualSize = this.chance.pick(SIZES)

  constructor(seed: number, key: string, store: Store, pushed: PushLog) {
    super(seed)
    this.#key = key
    this.#store = store
    this.#pushed = pushed
  }

  protected ends(): number[] {
    return [...this.#model.holders.values()].map(({ untilMs }) => untilMs)
  }

  protected async step(): Promise<boolean> {
    const command = this.chance.pick(COMMANDS)
    const size = this.chance.pick([this.#usualSize, this.#usualSize, ...SIZES])
    const request = {
      key: this.#key,
      token: this.chance.pick(this.#tokensOf(command)),
      ttlMs: this.chance.pick([350, 20_000, 60_000]),
      ...this.#notAfter(),
      ...(command === 'acquire' && { ...size, ...this.#waiter(), ...this.#told() }),
      ...(command === 'acquire' && this.chance.happens(0.3) && { fences: 64 }),
      ...(command === 'steal' && { ...capacityOf(size), ...this.#told() }),
      ...(command === 'extend' &&
        this.chance.happens(0.3) && { newToken: this.chance.pick(HEIRS) }),
    }
    const answer = await this.send(command, request, async () => {
      const reply = await this.#ask(command, request)
      return { reply, ...(await this.#pushes()) }
    })
    if (!answer) return false
    const { storeNowMs = answer.sentAtMs } = answer.reply.reply as { storeNowMs?: number }
    this.compare(answer, this.#expected(command, request, storeNowMs))
    await this.#checkExpiry()
    return true
  }

  async #ask(command: Command, request: AcquireRequest): Promise<unknown> {
    return command === 'inspect' ? this.#store.inspect(this.#key) : this.#store[command](request)
  }

  /** Nothing is on its way any more when a message that was sent later is here. */
  async #pushes(): Promise<Pushed> {
    for (const subscriber of LISTENING) await flushPushes(subscriber)
    return this.#pushed.take(this.#key)
  }

  #expected(command: Command, request: AcquireRequest, nowMs: number): unknown {
    const alive = (subscriber: string) => LISTENING.includes(subscriber)
    const environment = { nowUs: nowMs * 1000, alive }
    if (command !== 'inspect') {
      const step: LeaseStep<unknown> = leaseStep[command](this.#model, request, environment)
      const told = (step.losses ?? []).filter(({ subscriber }) => alive(subscriber))
      return { ...step, losses: told.sort(byToken) }
    }
    const { reply, grants } = leaseStep.inspect(this.#model, environment)
    // What the capacity of a free name is, the specification leaves open.
    const shown = reply.holders.length === 0 ? { ...reply, capacity: 1 } : reply
    return { reply: shown, grants, losses: [] }
  }

  /** A thief never waits: its tokens are its own. */
  #tokensOf(command: Command): readonly string[] {
    if (command === 'acquire') return TOKENS
    return command === 'steal' ? THIEVES : [...TOKENS, ...HEIRS, ...THIEVES]
  }

  #told(): { subscriber?: string } {
    return this.chance.happens(0.6) ? { subscriber: this.chance.pick([...LISTENING, GONE]) } : {}
  }

  /** Every key has a TTL, and that of the holders is no shorter than theirs. */
  async #checkExpiry(): Promise<void> {
    const lastEndMs = Math.max(...this.ends(), 0)
    const [expiresAtMs, ...ttls] = await Promise.all([
      direct.call('PEXPIRETIME', this.#key),
      ...['q', 'w'].map((part) => direct.call('PTTL', `${this.#key}:${part}`)),
    ])
    if (lastEndMs > Date.now()) expect(Number(expiresAtMs)).toBeGreaterThanOrEqual(lastEndMs)
    expect([expiresAtMs, ...ttls]).not.toContain(-1)
  }

  #waiter(): { waiter?: Waiter } {
    if (this.chance.happens(0.3)) return {}
    const subscriber = this.chance.pick([...LISTENING, ...LISTENING, GONE])
    return { waiter: { subscriber, grantMs: this.chance.pick([350, 5_000, 20_000]) } }
  }

  #notAfter(): { notAfterMs?: number } {
    if (this.chance.happens(0.1)) return { notAfterMs: Date.now() - 1_000 }
    return this.chance.happens(0.2) ? { notAfterMs: Date.now() + 5_000 } : {}
  }
}

const capacityOf = ({ capacity }: { capacity?: number }) => (capacity ? { capacity } : {})

let flushes = 0
const flushed = new Map<string, () => void>()

/** Resolves when a message of this connection, published now, has come back. */
function flushPushes(subscriber: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const token = `flush-${flushes++}`
    flushed.set(token, resolve)
    direct.call('PUBLISH', subscriber, `${token} 0 0 0 0 flush`).catch(reject)
  })
}

test('leases and their queue behave as the specification says, whatever the commands', async () => {
  const store = redisStore(connected.client)
  const { leave, onGrant, steal } = store
  if (!leave || !onGrant || !steal) throw new Error('the store has no queue, or no steal()')
  const pushed = new PushLog()
  const subscriptions = LISTENING.map((subscriber) =>
    onGrant(subscriber, {
      granted({ key, ...grant }) {
        flushed.get(grant.token)?.()
        flushed.delete(grant.token)
        pushed.of(key).grants.push({ ...grant, subscriber })
      },
      stolen: ({ key, ...loss }) => pushed.of(key).losses.push({ ...loss, subscriber }),
      disconnected() {},
      reconnected() {},
    }),
  )
  for (const { ready } of subscriptions) await ready
  await runSequences(300, 20, (seed, i) => {
    return new LeaseSequence(seed, `locks:l1:{${i}}`, { ...store, leave, steal }, pushed)
  })
  for (const subscription of subscriptions) await subscription.close()
}, 600_000)
