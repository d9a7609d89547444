import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freeLease, type LeaseState, leaseStep, type StepGrant } from '@locks/core/spec'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { type AcquireRequest, type LeaseStore, redisStore, type Waiter } from '../src/index.ts'
import { type Connected, connectClient } from './clients.ts'
import { runSequences, Sequence, SLOW_MACHINE_MS } from './differential.ts'

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
const COMMANDS = ['acquire', 'acquire', 'acquire', 'extend', 'release', 'leave', 'inspect'] as const
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
const LISTENING = ['one', 'other']
const GONE = 'gone'

type Store = LeaseStore & Required<Pick<LeaseStore, 'leave'>>

/** The grants that were pushed, by name, in the order of their arrival. */
class PushLog {
  readonly #grants = new Map<string, StepGrant[]>()

  add(key: string, grant: StepGrant): void {
    this.#grants.set(key, [...(this.#grants.get(key) ?? []), grant])
  }

  take(key: string): readonly StepGrant[] {
    const grants = this.#grants.get(key) ?? []
    this.#grants.delete(key)
    return grants
  }
}

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
      token: this.chance.pick(command === 'acquire' ? TOKENS : [...TOKENS, ...HEIRS]),
      ttlMs: this.chance.pick([350, 20_000, 60_000]),
      ...this.#notAfter(),
      ...(command === 'acquire' && { ...size, ...this.#waiter() }),
      ...(command === 'extend' &&
        this.chance.happens(0.3) && { newToken: this.chance.pick(HEIRS) }),
    }
    const answer = await this.send(command, request, async () => {
      const reply = await this.#ask(command, request)
      return { reply, grants: await this.#grants() }
    })
    if (!answer) return false
    const { storeNowMs = answer.sentAtMs } = answer.reply.reply as { storeNowMs?: number }
    this.compare(answer, this.#expected(command, request, storeNowMs))
    await this.#checkExpiry()
    return true
  }

  #ask(command: Command, request: AcquireRequest): Promise<unknown> {
    return command === 'inspect' ? this.#store.inspect(this.#key) : this.#store[command](request)
  }

  /** Nothing is on its way any more when a message that was sent later is here. */
  async #grants(): Promise<readonly StepGrant[]> {
    await flushPushes()
    return this.#pushed.take(this.#key)
  }

  #expected(command: Command, request: AcquireRequest, nowMs: number): unknown {
    const alive = (subscriber: string) => LISTENING.includes(subscriber)
    const environment = { nowUs: nowMs * 1000, alive }
    if (command !== 'inspect') return leaseStep[command](this.#model, request, environment)
    const { reply, grants } = leaseStep.inspect(this.#model, environment)
    // What the capacity of a free name is, the specification leaves open.
    return { reply: reply.holders.length === 0 ? { ...reply, capacity: 1 } : reply, grants }
  }

  /** Every key has a TTL, and that of the holders is the latest of theirs. */
  async #checkExpiry(): Promise<void> {
    const lastEndMs = Math.max(...this.ends(), 0)
    const [expiresAtMs, ...ttls] = await Promise.all([
      direct.call('PEXPIRETIME', this.#key),
      ...['f', 'q', 'w'].map((part) => direct.call('PTTL', `${this.#key}:${part}`)),
    ])
    if (expiresAtMs !== -2 || lastEndMs > Date.now()) expect(expiresAtMs).toBe(lastEndMs || -2)
    expect(ttls).not.toContain(-1)
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

let flushes = 0
const flushed = new Map<string, () => void>()

/** Resolves when a message of this connection, published now, has come back. */
function flushPushes(): Promise<void> {
  return new Promise((resolve, reject) => {
    const token = `flush-${flushes++}`
    flushed.set(token, resolve)
    direct.call('PUBLISH', LISTENING[0] ?? '', `${token} 0 0 0 0 flush`).catch(reject)
  })
}

test(
  'leases and their queue behave as the specification says, whatever the commands',
  async () => {
    const store = redisStore(connected.client)
    const { leave, onGrant } = store
    if (!leave || !onGrant) throw new Error('the store has no queue')
    const pushed = new PushLog()
    const subscriptions = LISTENING.map((subscriber) =>
      onGrant(subscriber, {
        granted({ key, ...grant }) {
          flushed.get(grant.token)?.()
          flushed.delete(grant.token)
          pushed.add(key, { ...grant, subscriber })
        },
        disconnected() {},
        reconnected() {},
      }),
    )
    for (const { ready } of subscriptions) await ready
    await runSequences(300, 20, (seed, i) => {
      return new LeaseSequence(seed, `locks:l1:{${i}}`, { ...store, leave }, pushed)
    })
    for (const subscription of subscriptions) await subscription.close()
  },
  SLOW_MACHINE_MS,
)
