import type { LeaseStore } from '../../src/contract/lease-store.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import type { LockManager, LockManagerOptions, ManagedLock } from '../../src/lock-manager.ts'
import { lockManager } from '../../src/lock-manager.ts'

/** A name that nobody else uses. */
let names = 0
export const fresh = (): string => `name-${++names}-${performance.timeOrigin}`

export const never = new Promise<never>(() => {})

/** What a promise rejects with, by its name; `undefined` = it was fulfilled. */
export async function failure(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error instanceof Error || error instanceof DOMException ? error.name : String(error)
  }
}

/** A promise and what settles it. */
export function latch<T = void>() {
  let open!: (value: T) => void
  const passed = new Promise<T>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

/** Holds a lock until it is let go. */
export async function holdOpen(
  manager: LockManager,
  name: string,
  options: LockManagerOptions = {},
) {
  const { passed, open } = latch()
  const granted = latch<ManagedLock>()
  const released = manager.request(name, { ...options, ifAvailable: false }, (lock) => {
    granted.open(lock)
    return passed
  })
  const lock = await granted.passed
  const letGo = () => {
    open()
    return released
  }
  return { lock, released, letGo }
}

/** `null` = somebody holds it. */
export const isFree = (
  manager: LockManager,
  name: string,
  mode: 'exclusive' | 'shared' = 'exclusive',
) => manager.request(name, { mode, ifAvailable: true }, (lock) => lock !== null)

/** Two lock managers, as in two processes, over the same locks. */
function managers(create: () => LeaseStore) {
  const stores = [create(), create()] as const
  // Who has not waited yet learns of a steal when it renews.
  const options = { ttl: '9s', storeTimeout: '30s' } as const
  const [locks, others] = [createLocks(stores[0], options), createLocks(stores[1], options)]
  const close = async () => {
    await Promise.all([locks.close(), others.close()])
    await Promise.all(stores.map((store) => store.close?.()))
  }
  return { locks, manager: lockManager(locks), other: lockManager(others), close }
}

/** Runs a rule. */
export type Run = (rule: (room: ReturnType<typeof managers>) => Promise<void>) => Promise<void>

/** Each rule has managers of its own; `create` makes a store over the same locks each time. */
export const runOn =
  (create: () => LeaseStore): Run =>
  async (rule) => {
    const room = managers(create)
    await rule(room)
    await room.close()
  }
