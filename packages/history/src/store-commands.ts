import type { CacheStore, LeaseStore } from '@locks/core'

/** By what a random command chooses. */
export interface CommandDice {
  /** A token that nobody has used. */
  readonly fresh: () => string
  /** One of the last that were fresh. */
  readonly mine: () => string
  readonly ttlMs: () => number
  readonly oneIn: (n: number) => boolean
}

/** May be refused and may reject: what matters is that a recorded store has it on record. */
export type StoreCommand = (dice: CommandDice) => Promise<unknown>

/** What a store can be told about the leases under `key`, to be chosen from at random. */
export function leaseCommands(
  store: LeaseStore,
  key: string,
  waiter?: { readonly subscriber: string; readonly grantMs: number },
): readonly StoreCommand[] {
  const queues = waiter ? { waiter } : {}
  return [
    async ({ fresh, ttlMs }) => store.acquire({ key, token: fresh(), ttlMs: ttlMs() }),
    async ({ fresh, ttlMs }) => store.acquire({ key, token: fresh(), ttlMs: ttlMs(), ...queues }),
    async ({ mine, ttlMs }) => store.acquire({ key, token: mine(), ttlMs: ttlMs(), ...queues }),
    async ({ mine, ttlMs }) => store.extend({ key, token: mine(), ttlMs: ttlMs() }),
    async ({ mine }) => store.release({ key, token: mine() }),
    async ({ mine }) => store.release({ key, token: mine() }),
    async ({ mine }) => store.leave?.({ key, token: mine() }),
    async ({ fresh, ttlMs, oneIn }) =>
      oneIn(5) && store.steal?.({ key, token: fresh(), ttlMs: ttlMs() }),
    () => store.inspect(key),
  ]
}

const DATA = new Uint8Array([1, 2, 3])

/** The same of the cache entry under `key`. */
export function entryCommands(store: CacheStore, key: string): readonly StoreCommand[] {
  const data = DATA
  let seen: string | undefined
  return [
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
  ]
}
