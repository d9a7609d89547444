import { setTimeout as sleep } from 'node:timers/promises'
import type { LeaseStore } from '@locks/core'
import { seededRandom } from '@locks/core/testing'
import type { Store } from './backends.ts'

export interface HammerOptions {
  readonly seed: number
  readonly commands: number
  /** Short ones end during the run. */
  readonly ttlsMs: readonly number[]
}

interface Dice {
  readonly fresh: () => string
  readonly mine: () => string
  readonly ttlMs: () => number
  readonly oneIn: (n: number) => boolean
}

type Command = (dice: Dice) => Promise<unknown>

/** Random commands of one process to the leases under `key`. With a `subscriber` it queues. */
export function hammerLeases(
  store: LeaseStore,
  key: string,
  options: HammerOptions & { readonly subscriber?: string },
): Promise<void> {
  const { subscriber } = options
  const waiter = subscriber === undefined ? {} : { waiter: { subscriber, grantMs: 2000 } }
  return hammer(options, [
    ({ fresh, ttlMs }) => store.acquire({ key, token: fresh(), ttlMs: ttlMs() }),
    ({ fresh, ttlMs }) => store.acquire({ key, token: fresh(), ttlMs: ttlMs(), ...waiter }),
    ({ mine, ttlMs }) => store.acquire({ key, token: mine(), ttlMs: ttlMs(), ...waiter }),
    ({ mine, ttlMs }) => store.extend({ key, token: mine(), ttlMs: ttlMs() }),
    ({ mine }) => store.release({ key, token: mine() }),
    ({ mine }) => store.release({ key, token: mine() }),
    async ({ mine }) => store.leave?.({ key, token: mine() }),
    async ({ fresh, ttlMs, oneIn }) =>
      oneIn(5) && store.steal?.({ key, token: fresh(), ttlMs: ttlMs() }),
    () => store.inspect(key),
  ])
}

/** The same to a cache entry. */
export function hammerEntry(store: Store, key: string, options: HammerOptions): Promise<void> {
  const data = new Uint8Array([1, 2, 3])
  let seen: string | undefined
  return hammer(options, [
    async () => {
      const [entry] = await store.read([key])
      seen = entry?.version
    },
    ({ fresh, ttlMs, oneIn }) =>
      store.lease({
        key,
        token: fresh(),
        leaseMs: ttlMs(),
        ...(seen !== undefined && oneIn(2) && { seen }),
      }),
    ({ mine, ttlMs }) => store.commit({ key, token: mine(), data, ttlMs: ttlMs() }),
    ({ mine, ttlMs }) => store.commit({ key, token: mine(), data, ttlMs: ttlMs() }),
    ({ mine, ttlMs }) => store.renew(key, mine(), ttlMs()),
    ({ mine }) => store.fail(key, mine(), 'a reason', 500),
    ({ fresh, ttlMs }) => store.write({ key, token: fresh(), data, ttlMs: ttlMs() }),
    ({ fresh, ttlMs }) =>
      store.compareAndSet({ key, token: fresh(), expected: seen, data, ttlMs: ttlMs() }),
    () => store.remove([key]),
  ])
}

/** One after the other; what becomes of a command is on record. */
async function hammer(
  { seed, commands, ttlsMs }: HammerOptions,
  kinds: readonly Command[],
): Promise<void> {
  const random = seededRandom(seed)
  const whole = (below: number) => Math.floor(random.fraction() * below)
  const mine = [random.token()]
  const dice: Dice = {
    fresh() {
      const token = random.token()
      mine.push(token)
      if (mine.length > 3) mine.shift()
      return token
    },
    mine: () => mine[whole(mine.length)] as string,
    ttlMs: () => ttlsMs[whole(ttlsMs.length)] as number,
    oneIn: (n) => whole(n) === 0,
  }
  for (let i = 0; i < commands; i++) {
    await (kinds[whole(kinds.length)] as Command)(dice).catch(() => {})
    if (dice.oneIn(4)) await sleep(whole(8))
  }
}
