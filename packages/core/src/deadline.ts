import type { Clock } from './clock.ts'
import { StoreUnavailableError, toLocksError } from './errors.ts'
import type { Interrupt } from './interrupt.ts'

/**
 * Bounds one store call: no client library bounds a command that it has already written.
 * The call itself goes on; whoever needs its late outcome keeps `call`. `timer` as `Clock.after` has it.
 * @throws StoreUnavailableError when it fails or `deadlineMs` pass; the reason of `interrupt`.
 */
export function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  call: Promise<T>,
  interrupt?: Interrupt,
  timer?: { readonly background: boolean },
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const expire = () => {
      stop?.()
      reject(new StoreUnavailableError(`the store did not answer within ${deadlineMs} ms`))
    }
    const cancel = clock.after(deadlineMs, expire, timer)
    const stop = interrupt?.onTrip((reason) => {
      cancel()
      stop?.()
      reject(reason)
    })
    call.then(
      (reply) => {
        cancel()
        stop?.()
        resolve(reply)
      },
      (error: unknown) => {
        cancel()
        stop?.()
        reject(toLocksError(error))
      },
    )
  })
}
