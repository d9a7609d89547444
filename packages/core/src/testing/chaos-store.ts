import { type Clock, systemClock } from '../clock.ts'
import type { CacheStore } from '../contract/cache-store.ts'
import type { LeaseStore } from '../contract/lease-store.ts'
import { InvalidArgumentError } from '../errors.ts'
import { type ChaosFault, type ChaosMethod, type Trouble, toTrouble } from './chaos-fault.ts'
import { seededRandom } from './seeded-random.ts'

/** Where `chaosStore` has its chance and its time from. */
export interface ChaosOptions {
  /** Decides what `sometimes` strikes: the same seed, the same run. Default 1. */
  readonly seed?: number
  /** For delays. Default: real time. */
  readonly clock?: Clock
}

/** A call that the store was asked for, or a push that it sent. */
export interface ChaosCall {
  readonly method: ChaosMethod
  /** What befell it. */
  readonly fault: ChaosFault | undefined
}

/** What a store from `chaosStore` can do besides. Without a method, a fault may strike any. */
export interface ChaosStore {
  /** The next call (of `method`) meets `fault`. Several are used up one by one, before all others. */
  next(fault: ChaosFault, method?: ChaosMethod): void
  /** Each call (of `method`) meets `fault` with this probability, from 0 to 1, until `calm`. */
  sometimes(probability: number, fault: ChaosFault, method?: ChaosMethod): void
  /** Each call (of `method`) meets `fault`, until `calm`. */
  always(fault: ChaosFault, method?: ChaosMethod): void
  /** Ends all faults, those too that have not struck yet. Calls under way keep theirs. */
  calm(): void
  /** All calls so far, in order. */
  readonly calls: readonly ChaosCall[]
}

interface Plan {
  readonly fault: ChaosFault
  readonly method: ChaosMethod | undefined
  readonly probability: number
}

const SUBSCRIPTIONS = new Set(['onGrant', 'onSignal'])
const PUSHES = new Set(['granted', 'stolen', 'signal'])

/**
 * `store`, and the network that a test wants between it and its user: requests and replies that are
 * lost, late or refused. It has the capabilities of `store` and never changes what a command does.
 */
export function chaosStore<Store extends LeaseStore | CacheStore>(
  store: Store,
  { seed = 1, clock = systemClock }: ChaosOptions = {},
): Store & ChaosStore {
  const random = seededRandom(seed)
  const calls: ChaosCall[] = []
  const scripted: Plan[] = []
  const standing: Plan[] = []

  const add = (plans: Plan[], plan: Plan) => {
    toTrouble(plan.fault)
    plans.push(plan)
  }
  const chaos: ChaosStore = {
    calls,
    next: (fault, method) => add(scripted, { fault, method, probability: 1 }),
    sometimes(probability, fault, method) {
      if (!(probability >= 0 && probability <= 1)) {
        throw new InvalidArgumentError('a probability must be a number from 0 to 1')
      }
      add(standing, { fault, method, probability })
    },
    always: (fault, method) => add(standing, { fault, method, probability: 1 }),
    calm() {
      scripted.length = 0
      standing.length = 0
    },
  }

  const strike = (method: ChaosMethod): Trouble => {
    const concerns = (plan: Plan) => plan.method === undefined || plan.method === method
    const index = scripted.findIndex(concerns)
    const plan =
      index >= 0
        ? scripted.splice(index, 1)[0]
        : standing.find((one) => concerns(one) && random.fraction() < one.probability)
    calls.push({ method, fault: plan?.fault })
    return toTrouble(plan?.fault)
  }

  return new Proxy(store, {
    get(target, property) {
      if (Object.hasOwn(chaos, property)) return chaos[property as keyof ChaosStore]
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function' || property === 'close') return bound(value, target)
      if (SUBSCRIPTIONS.has(String(property))) {
        return (to: string, listener: object) =>
          value.call(target, to, withPushFaults(listener, strike, clock))
      }
      return (...args: unknown[]) =>
        carry(() => value.apply(target, args), strike(property as ChaosMethod), clock)
    },
  }) as Store & ChaosStore
}

/** A store may be a class with private fields, which are its own only. */
function bound(value: unknown, target: object): unknown {
  return typeof value === 'function' ? value.bind(target) : value
}

/** Untroubled, the command is sent in the turn of the call, as it would be without us. */
async function carry<T>(run: () => Promise<T>, trouble: Trouble, clock: Clock): Promise<T> {
  const { throws, requestMs, replyMs } = trouble
  if (throws) throw new Error('the chaos store refused the connection')
  if (requestMs > 0) await pass(requestMs, clock)
  try {
    return await run()
  } finally {
    if (replyMs > 0) await pass(replyMs, clock)
  }
}

function withPushFaults(
  listener: object,
  strike: (method: ChaosMethod) => Trouble,
  clock: Clock,
): object {
  return new Proxy(listener, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function' || !PUSHES.has(String(property))) return bound(value, target)
      return (...push: unknown[]) => {
        const { throws, requestMs, replyMs } = strike(property as ChaosMethod)
        const delayMs = throws ? Number.POSITIVE_INFINITY : requestMs + replyMs
        if (delayMs === 0) value.apply(target, push)
        else if (delayMs < Number.POSITIVE_INFINITY) {
          clock.after(delayMs, () => value.apply(target, push))
        }
      }
    },
  })
}

/** `Infinity` = for ever. */
function pass(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (ms < Number.POSITIVE_INFINITY) clock.after(ms, resolve)
  })
}
