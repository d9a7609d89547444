import type { Clock } from './clock.ts'
import type { Interrupt } from './interrupt.ts'

/** Resolves after `delayMs`. @throws the reason of `interrupt`, at once when it trips. */
export function sleep(clock: Clock, delayMs: number, interrupt: Interrupt): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    interrupt.throwIfTripped()
    const cancel = clock.after(delayMs, () => {
      stop()
      resolve()
    })
    const stop = interrupt.onTrip((reason) => {
      cancel()
      stop()
      reject(reason)
    })
  })
}
