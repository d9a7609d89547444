import { createHash } from 'node:crypto'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { LockLostError } from '../errors.ts'
import type { LockListener } from './lock-event.ts'

/** How lock names appear on the channels: as 16 hex digits of their SHA-256, or as they are. */
export type TraceNames = 'hashed' | 'plain'

const OPERATIONS = {
  acquire: tracingChannel<unknown, object>('locks:acquire'),
  hold: tracingChannel<unknown, object>('locks:hold'),
  renew: tracingChannel<unknown, object>('locks:renew'),
  release: tracingChannel<unknown, object>('locks:release'),
}
const losses = channel('locks:lost')

/** Ends a hold that is being followed. */
export type EndHold = (end: {
  readonly end: 'released' | 'handed-over' | 'lost'
  readonly heldMs: number
  readonly error?: LockLostError
}) => void

/**
 * Tells what happens to locks to whoever subscribes with `node:diagnostics_channel`: `locks:acquire`,
 * `locks:hold`, `locks:renew` and `locks:release` are tracing channels, `locks:lost` is a plain one. No
 * message has a token in it, and none is made, nor a name hashed, while nobody listens.
 */
export class Tracing {
  readonly #names: TraceNames

  constructor(names: TraceNames) {
    this.#names = names
  }

  /** Somebody listens to `operation`. */
  follows(operation: keyof typeof OPERATIONS): boolean {
    return OPERATIONS[operation].hasSubscribers
  }

  label(name: string): string {
    if (this.#names === 'plain') return name
    return createHash('sha256').update(name).digest('hex').slice(0, 16)
  }

  /** Runs `run`; its message is completed with what `outcomeOf` says of its result. */
  async run<T>(
    operation: 'acquire' | 'renew' | 'release',
    about: { readonly name: string; readonly [detail: string]: unknown },
    run: () => T | Promise<T>,
    outcomeOf: (result: T) => object,
  ): Promise<T> {
    const message = { ...about, name: this.label(about.name) }
    const results: T[] = []
    // The channel itself would publish the result, and with it a token.
    await OPERATIONS[operation].tracePromise(async () => {
      const result = await run()
      results.push(result)
      Object.assign(message, outcomeOf(result))
    }, message)
    return results[0] as T
  }

  /** From the grant on, until the returned function is called. */
  hold(about: { readonly name: string; readonly fence: number | undefined }): EndHold {
    const { start, end, asyncStart, asyncEnd, error } = OPERATIONS.hold
    const message = { ...about, name: this.label(about.name) }
    start.publish(message)
    end.publish(message)
    return (ended) => {
      Object.assign(message, ended)
      if (ended.error) error.publish(message)
      asyncStart.publish(message)
      asyncEnd.publish(message)
    }
  }

  /** `listener`, and the channel of losses. */
  emitter(listener: LockListener): LockListener {
    return (event) => {
      listener(event)
      if (event.type !== 'lost' || !losses.hasSubscribers) return
      losses.publish({ name: this.label(event.name), reason: event.reason })
    }
  }
}
