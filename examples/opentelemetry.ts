import { tracingChannel } from 'node:diagnostics_channel'
import { type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api'

interface LockMessage extends Record<string, unknown> {
  readonly name: string
  readonly error?: Error
}

/**
 * Turns what happens to locks into spans: `locks acquire`, `locks hold`, `locks renew`, `locks release`.
 * @returns how to stop that.
 */
export function traceLocks(tracer: Tracer): () => void {
  const ends = ['acquire', 'hold', 'renew', 'release'].map((operation) => {
    const channel = tracingChannel<unknown, LockMessage>(`locks:${operation}`)
    const spans = new WeakMap<LockMessage, Span>()
    const listeners = {
      start(message: LockMessage) {
        spans.set(message, tracer.startSpan(`locks ${operation}`))
      },
      end() {},
      asyncStart() {},
      error(message: LockMessage) {
        spans.get(message)?.setStatus({ code: SpanStatusCode.ERROR, message: `${message.error}` })
      },
      asyncEnd(message: LockMessage) {
        const span = spans.get(message)
        for (const [field, value] of Object.entries(message)) {
          if (['string', 'number', 'boolean'].includes(typeof value)) {
            span?.setAttribute(`lock.${field}`, value as string | number | boolean)
          }
        }
        span?.end()
      },
    }
    channel.subscribe(listeners)
    return () => channel.unsubscribe(listeners)
  })
  return () => ends.forEach((end) => void end())
}
