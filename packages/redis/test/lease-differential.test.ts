import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freeLease, type LeaseState, leaseStep } from '@locks/core/spec'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { type AcquireRequest, type LeaseStore, redisStore } from '../src/index.ts'
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
const COMMANDS = ['acquire', 'acquire', 'extend', 'release', 'inspect'] as const
type Command = (typeof COMMANDS)[number]
const SIZES: readonly { units?: number; capacity?: number }[] = [
  {},
  { units: 1, capacity: 3 },
  { units: 2, capacity: 3 },
  { units: 4, capacity: 3 },
  { units: 1, capacity: WRITER },
  { units: WRITER, capacity: WRITER },
]

class LeaseSequence extends Sequence {
  readonly #store: LeaseStore
  readonly #key: string
  readonly #model: LeaseState = freeLease()
  /** Most requests of a sequence agree, as those of a program do. */
  readonly #usualSize = this.chance.pick(SIZES)

  constructor(seed: number, key: string, store: LeaseStore) {
    super(seed)
    this.#key = key
    this.#store = store
  }

  protected ends(): number[] {
    return [...this.#model.holders.values()].map(({ untilMs }) => untilMs)
  }

  protected async step(): Promise<boolean> {
    const command = this.chance.pick(COMMANDS)
    const size = this.chance.pick([this.#usualSize, this.#usualSize, ...SIZES])
    const request = {
      key: this.#key,
      token: this.chance.pick(['a', 'b', 'c']),
      ttlMs: this.chance.pick([350, 20_000, 60_000]),
      ...this.#notAfter(),
      ...(command === 'acquire' && size),
    }
    const answer = await this.send(command, request, () => this.#ask(command, request))
    if (!answer) return false
    const { storeNowMs = answer.sentAtMs } = answer.reply as { storeNowMs?: number }
    this.compare(answer, this.#expected(command, request, storeNowMs))
    await this.#checkExpiry()
    return true
  }

  #ask(command: Command, request: AcquireRequest): Promise<unknown> {
    return command === 'inspect' ? this.#store.inspect(this.#key) : this.#store[command](request)
  }

  #expected(command: Command, request: AcquireRequest, nowMs: number): unknown {
    const environment = { nowUs: nowMs * 1000, alive: () => true }
    if (command !== 'inspect') return leaseStep[command](this.#model, request, environment).reply
    const { holders, capacity } = leaseStep.inspect(this.#model, environment).reply
    // What the capacity of a free name is, the specification leaves open.
    return { holders, capacity: holders.length === 0 ? 1 : capacity }
  }

  /** Every key has a TTL, and that of the holders is the latest of theirs. */
  async #checkExpiry(): Promise<void> {
    const lastEndMs = Math.max(...this.ends(), 0)
    const [expiresAtMs, fenceTtlMs] = await Promise.all([
      direct.call('PEXPIRETIME', this.#key),
      direct.call('PTTL', `${this.#key}:f`),
    ])
    if (expiresAtMs !== -2 || lastEndMs > Date.now()) expect(expiresAtMs).toBe(lastEndMs || -2)
    expect(fenceTtlMs).not.toBe(-1)
  }

  #notAfter(): { notAfterMs?: number } {
    if (this.chance.happens(0.1)) return { notAfterMs: Date.now() - 1_000 }
    return this.chance.happens(0.2) ? { notAfterMs: Date.now() + 5_000 } : {}
  }
}

test(
  'leases behave as the specification says, whatever the commands',
  async () => {
    const store = redisStore(connected.client)
    await runSequences(300, 15, (seed, i) => new LeaseSequence(seed, `locks:l1:{${i}}`, store))
  },
  SLOW_MACHINE_MS,
)
