import { InvalidArgumentError } from '../errors.ts'
import { Interrupt } from '../interrupt.ts'
import type { Name } from '../key.ts'
import type { Acquisitions } from './acquisitions.ts'
import type { Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { HeldLock } from './held-lock.ts'
import type { Holding } from './lock-context.ts'
import type { AcquireOptions } from './options.ts'

/**
 * Acquires several names, one after the other within one wait, in the byte order of the encoded names:
 * so two callers that want the same ones never wait for each other. All or none.
 * @throws what the acquisition of each may throw; LockLostError if one is lost before the last is here.
 * @returns them in the order asked.
 */
export async function acquireAll(
  { clock }: Engine,
  acquisitions: Acquisitions,
  names: readonly Name[],
  options: AcquireOptions,
): Promise<readonly Holding[]> {
  const asked = wantedAll(acquisitions, names, options)
  const startedAtMs = clock.now()
  const interrupt = new Interrupt()
  const disconnect = acquisitions.interruptOn(options.signal, interrupt)
  const locks = new Map<Wanted, HeldLock>()
  try {
    for (const wanted of asked.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const waitMs = Math.max(0, wanted.waitMs - (clock.now() - startedAtMs))
      const lock = await acquisitions.acquire({ ...wanted, waitMs }, interrupt)
      locks.set(wanted, lock)
      const { signal } = lock
      signal.addEventListener('abort', () => interrupt.trip(signal.reason), { once: true })
    }
    for (const lock of locks.values()) lock.assertHeld()
    return asked.map((wanted) => ({ wanted, lock: locks.get(wanted) as HeldLock }))
  } catch (error) {
    const released = [...locks.values()].map((lock) => lock[Symbol.asyncDispose]())
    // As for one lock: who interrupts is answered at once, and what is left behind is undone behind it.
    if (!interrupt.tripped) await Promise.all(released)
    throw error
  } finally {
    disconnect()
  }
}

/** @throws InvalidArgumentError for no name, a wrong one, one that occurs twice, or local hand-off. */
function wantedAll(
  acquisitions: Acquisitions,
  names: readonly Name[],
  options: AcquireOptions,
): readonly Wanted[] {
  if (!Array.isArray(names) || names.length === 0) {
    throw new InvalidArgumentError('names must be an array of at least one name')
  }
  const asked = names.map((name) => {
    return { ...acquisitions.wanted(name, options), signal: undefined }
  })
  if (asked.some(({ fair }) => fair === 'process')) {
    throw new InvalidArgumentError("fair: 'process' is for single names")
  }
  if (new Set(asked.map(({ name }) => name)).size < asked.length) {
    throw new InvalidArgumentError('a name must not occur twice among names')
  }
  return asked
}
