import type { Interrupt } from '@locks/core/parts'
import type { CacheParts } from './cache-parts.ts'
import { type CachedValue, readValue } from './cached-value.ts'

/** Spreads the processes that take over from a crashed loader. */
const JITTER_MS = 50

/** A load elsewhere, and how this process waits for it. */
export interface AwaitedLoad {
  readonly holder: string
  readonly remainingMs: number
  /** How often this process has looked before. */
  readonly looks: number
  /** No signal of this load can have been missed. */
  readonly listening: boolean
  readonly giveUpAtMs: number
  /** Whatever ends the wait. */
  readonly interrupts: readonly Interrupt[]
}

type Outcome =
  | { readonly state: 'found'; readonly found: CachedValue }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'look again' | 'gave up' }

/**
 * Waits until a load elsewhere is over, or it is time to look.
 * @throws the reason of an interrupt that trips meanwhile.
 */
export async function awaitLoad(
  parts: CacheParts,
  key: string,
  load: AwaitedLoad,
): Promise<Outcome> {
  const { clock, signals } = parts
  const leftMs = load.giveUpAtMs - clock.now()
  if (leftMs <= 0) return { state: 'gave up' }
  const pauseMs = Math.min(pauseBeforeLook(parts, load), leftMs)
  const signal = await signals.next(load.holder, pauseMs, load.interrupts)
  if (signal?.type === 'failed') return { state: 'failed', reason: signal.reason }
  if (signal?.type === 'filled') return readFilled(parts, key)
  return { state: 'look again' }
}

/**
 * While signals arrive, to the end of the lease in the way; else to when the load should be over.
 * Never past the end of the lease: if its loader has crashed, somebody must take over then.
 */
function pauseBeforeLook({ leaseMs, pace, random }: CacheParts, load: AwaitedLoad): number {
  if (load.listening) return load.remainingMs + 1 + random.fraction() * JITTER_MS
  // Since its last renewal, if its process has the same `lease`; with another one, this looks too soon or late.
  const runningMs = Math.max(0, leaseMs - load.remainingMs)
  return Math.min(pace.pauseMs(load.looks, random, runningMs), load.remainingMs + 1)
}

/** A plain read: the value does not pass through a script. */
async function readFilled(parts: CacheParts, key: string): Promise<Outcome> {
  const { clock, emit, marks, pace } = parts
  try {
    const askedAtMs = clock.now()
    const [entry] = await marks.readAlong([key])
    const found = entry && (await readValue(parts, key, entry, askedAtMs))
    if (found) {
      pace.record(found.loadMs)
      return { state: 'found', found }
    }
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
  }
  return { state: 'look again' }
}
