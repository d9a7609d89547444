import { InvalidArgumentError } from '../errors.ts'
import { Interrupt } from '../interrupt.ts'
import type { Name } from '../key.ts'
import type { Acquisitions } from './acquisitions.ts'
import type { Engine } from './engine.ts'
import type { HeldLock } from './held-lock.ts'
import { LeaderTerm } from './leader-term.ts'
import type { AcquireOptions } from './options.ts'
import type { Term } from './term.ts'

/** How long leadership is sought, and how a term is kept. */
export interface ElectOptions extends Pick<AcquireOptions, 'ttl' | 'grace' | 'renew' | 'maxHold'> {
  /** Ends the campaign, and the term that is on. */
  readonly signal: AbortSignal
}

export type TermCallback = (term: Term) => unknown

/** Campaigns until the signal aborts, as `Locks.elect` promises. */
export async function elect(
  engine: Engine,
  acquisitions: Acquisitions,
  name: Name,
  options: ElectOptions,
  callback: TermCallback,
): Promise<void> {
  if (typeof callback !== 'function') throw new InvalidArgumentError('callback must be a function')
  const { signal, ...wanted } = {
    ...acquisitions.wanted(name, options),
    ...{ waitMs: Infinity, fair: 'global' as const },
  }
  if (!signal) throw new InvalidArgumentError('elect needs a signal: it is what ends the campaign')
  const interrupt = new Interrupt()
  const disconnect = acquisitions.interruptOn(signal, interrupt)
  try {
    while (!signal.aborted) {
      const lock = await acquisitions.acquire({ ...wanted, signal: undefined }, interrupt)
      await lead(engine, lock, interrupt, callback)
    }
  } catch (error) {
    if (!isEndOf(signal, error)) throw error
  } finally {
    disconnect()
  }
}

/** @throws the callback's error, if the lease was held to the end. */
async function lead(
  engine: Engine,
  lock: HeldLock,
  interrupt: Interrupt,
  callback: TermCallback,
): Promise<void> {
  const term = new LeaderTerm(lock, interrupt)
  try {
    if (!interrupt.tripped && lock.held) await callback(term)
  } catch (error) {
    if (isEndOf(term.signal, error)) return
    if (lock.held) throw error
    // Whoever is deposed may stumble over it. That ends the term, which is over, and not the campaign.
    engine.emit({ type: 'term-error', name: lock.name, error })
  } finally {
    term.end()
    // Only now: until the callback is done nobody else may be elected.
    await lock[Symbol.asyncDispose]()
  }
}

/** Work that is told to stop ends with the reason, or as Node's own functions do. */
function isEndOf(signal: AbortSignal, error: unknown): boolean {
  if (!signal.aborted) return false
  return error === signal.reason || (error as { name?: unknown } | null)?.name === 'AbortError'
}
