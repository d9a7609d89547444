import { channel } from 'node:diagnostics_channel'
import type { Tracing } from './tracing.ts'

const selfWaits = channel('locks:self-wait')

/**
 * Tells once that an acquisition waits for a lock that its own caller holds. It may be meant, where
 * nobody awaits the inner one; else it lasts until its wait is over.
 */
export function selfWaitOf(tracing: Tracing, name: string): () => void {
  let told = false
  return () => {
    if (!told && selfWaits.hasSubscribers) selfWaits.publish({ name: tracing.label(name) })
    told = true
  }
}
