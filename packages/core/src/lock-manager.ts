import { createHash } from 'node:crypto'
import { isLocksError, type LockLostError } from './errors.ts'
import type { Name } from './key.ts'
import type { Lock } from './lock/lock.ts'
import type { Locks } from './lock/locks.ts'
import type { LockMode } from './lock/options.ts'
import { type Random, systemRandom } from './random.ts'

/** A lock as its callback sees it. */
export interface ManagedLock {
  /** As it was asked for, not encoded. */
  readonly name: string
  readonly mode: LockMode
}

/** The specification's `LockOptions`. */
export interface LockManagerOptions {
  /** `exclusive` by default; `shared` excludes the exclusive only. */
  readonly mode?: LockMode
  /** One try; the callback gets `null` when it is held. */
  readonly ifAvailable?: boolean
  /** Takes the lock from its holders, whose `request` rejects with an AbortError. */
  readonly steal?: boolean
  /** Ends the waiting. */
  readonly signal?: AbortSignal
}

/** The specification's `LockInfo`. */
export interface ManagedLockInfo extends ManagedLock {
  /** Whose it is: one id per lock manager. */
  readonly clientId: string
}

/** The specification's `LockManagerSnapshot`: of this lock manager alone. */
export interface LockManagerSnapshot {
  readonly held: ManagedLockInfo[]
  readonly pending: ManagedLockInfo[]
}

type Callback<L, T> = (lock: L) => T | PromiseLike<T>

/** The `LockManager` of the Web Locks API. */
export interface LockManager {
  /** Runs `callback` while the lock is held; rejects with its error, or with a DOMException. */
  request<T>(name: string, callback: Callback<ManagedLock, T>): Promise<T>
  request<T>(
    name: string,
    options: LockManagerOptions & { readonly ifAvailable?: false },
    callback: Callback<ManagedLock, T>,
  ): Promise<T>
  request<T>(
    name: string,
    options: LockManagerOptions,
    callback: Callback<ManagedLock | null, T>,
  ): Promise<T>
  /** What this lock manager holds and waits for now. */
  query(): Promise<LockManagerSnapshot>
}

/**
 * The Web Locks API over `locks`: `request` and `query` with the specification's overloads, checks,
 * waiting without end and DOMException names. Any string is a name; a well-formed one is the same lock as
 * `locks.request(name, { mode })`.
 *
 * Where a lease differs from a lock that only its holder can end:
 * - A lease may be lost, by an outage longer than its ttl or by a stall: then `request` rejects with an
 *   AbortError whose `cause` says why, while the callback may still run, as after a steal.
 * - A steal reaches the holders of other `locks` by a push, if they have waited for any lock before, or
 *   else at their next renewal; until then both believe.
 * - `query` lists what this lock manager holds and waits for; the store is not asked. Until the store
 *   has answered, a request is pending.
 * - What the store cannot do is a NotSupportedError: `steal`, and on stores without a queue all modes.
 * - Trouble with the store is waited out; only with `ifAvailable` or `steal` it is a
 *   StoreUnavailableError, and so is a request after `locks.close()`.
 */
export function lockManager(locks: Locks, random: Random = systemRandom): LockManager {
  const clientId = random.token()
  const held = new Set<ManagedLockInfo>()
  const pending = new Set<ManagedLockInfo>()

  async function request(this: void, ...args: readonly unknown[]): Promise<unknown> {
    const { name, options, callback } = readArguments(args)
    const { mode } = options
    const info = { name, mode, clientId }
    pending.add(info)
    let lock: Lock | null
    try {
      lock = await acquire(locks, name, options)
    } finally {
      pending.delete(info)
    }
    if (!lock) return callback(null)
    if (options.signal?.aborted) {
      await lock[Symbol.asyncDispose]()
      throw options.signal.reason
    }
    held.add(info)
    const over = () => held.delete(info)
    lock.signal.addEventListener('abort', over)
    return hold(lock, () => callback(managedLock(name, mode))).finally(over)
  }

  const copy = (infos: Iterable<ManagedLockInfo>) => Array.from(infos, (info) => ({ ...info }))
  return {
    request: request as LockManager['request'],
    query: async () => ({ held: copy(held), pending: copy(pending) }),
  }
}

interface Request {
  readonly name: string
  readonly options: LockManagerOptions & { readonly mode: LockMode }
  readonly callback: (lock: ManagedLock | null) => unknown
}

/** As the bindings of the specification convert them. @throws TypeError, DOMException, or the signal's reason. */
function readArguments(args: readonly unknown[]): Request {
  if (args.length < 2) throw new TypeError('request needs a name and a callback')
  // Not String(): a symbol has to throw.
  const name = `${args[0] as string}`
  const options = args.length === 2 ? readOptions(undefined) : readOptions(args[1])
  const callback = args.length === 2 ? args[1] : args[2]
  if (typeof callback !== 'function') throw new TypeError('the callback is not a function')
  const { mode, ifAvailable, steal, signal } = options
  if (name.startsWith('-')) throw notSupported('a name must not start with "-"')
  if (steal && ifAvailable) throw notSupported('steal and ifAvailable exclude one another')
  if (steal && mode !== 'exclusive') throw notSupported('only an exclusive lock can be stolen')
  if (signal && (steal || ifAvailable)) {
    throw notSupported('a signal has no meaning with steal or ifAvailable')
  }
  signal?.throwIfAborted()
  return { name, options, callback: (lock) => callback.call(undefined, lock) }
}

function readOptions(given: unknown): Request['options'] {
  if (given === undefined || given === null) return { mode: 'exclusive' }
  if (typeof given !== 'object' && typeof given !== 'function') {
    throw new TypeError('the options are not an object')
  }
  // In the order of the alphabet, each once.
  const {
    ifAvailable,
    mode: givenMode = 'exclusive',
    signal,
    steal,
  } = given as Partial<Request['options']>
  const mode = `${givenMode}` as LockMode
  if (mode !== 'exclusive' && mode !== 'shared') throw new TypeError(`${mode} is not a lock mode`)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('the signal is not an AbortSignal')
  }
  const flags = { ifAvailable: Boolean(ifAvailable), steal: Boolean(steal) }
  return { mode, ...flags, ...(signal && { signal }) }
}

async function acquire(
  locks: Locks,
  name: string,
  { mode, ifAvailable, steal, signal }: Request['options'],
): Promise<Lock | null> {
  // A page has no ttl to set: the lock lasts as long as the callback.
  const lease = { mode, renew: true } as const
  try {
    if (ifAvailable) return await locks.tryAcquire(nameOf(name), lease)
    if (steal) return await locks.acquire(nameOf(name), { ...lease, steal, wait: 0 })
    const wait = Number.POSITIVE_INFINITY
    return await locks.acquire(nameOf(name), { ...lease, wait, ...(signal && { signal }) })
  } catch (error) {
    throw toDomException(error, signal)
  }
}

function toDomException(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted || !isLocksError(error)) return error
  if (error.code === 'UNSUPPORTED') return notSupported(error.message, error)
  return error
}

/** Resolves as the callback does, behind the release; rejects at once when the lock is lost. */
async function hold(lock: Lock, callback: () => unknown): Promise<unknown> {
  const lost = new Promise<never>((_, reject) => {
    const tell = () => reject(aborted(lock.signal.reason))
    if (lock.signal.aborted) tell()
    else lock.signal.addEventListener('abort', tell)
  })
  const done = (async () => callback())()
  try {
    const result = await Promise.race([done, lost])
    await lock[Symbol.asyncDispose]()
    // The release has found that it was lost before.
    if (lock.signal.aborted) await lost
    return result
  } finally {
    await lock[Symbol.asyncDispose]()
  }
}

/** Only a well-formed string that is not empty is a name by itself; any other is its digest. */
function nameOf(name: string): Name {
  if (name !== '' && name.length <= NAME_MAX && !/\p{Surrogate}/u.test(name)) return name
  const digest = createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('base64url')
  return ['DOMString', digest]
}

const NAME_MAX = 65_536

class ManagedLockObject implements ManagedLock {
  readonly #name: string
  readonly #mode: LockMode

  constructor(name: string, mode: LockMode) {
    this.#name = name
    this.#mode = mode
  }

  get name(): string {
    return this.#name
  }

  get mode(): LockMode {
    return this.#mode
  }

  get [Symbol.toStringTag](): string {
    return 'Lock'
  }
}

const managedLock = (name: string, mode: LockMode): ManagedLock => new ManagedLockObject(name, mode)

const notSupported = (message: string, cause?: unknown): DOMException =>
  new DOMException(message, { name: 'NotSupportedError', cause })

const aborted = (cause: LockLostError): DOMException =>
  new DOMException(`the lock was lost: ${cause.reason}`, { name: 'AbortError', cause })
