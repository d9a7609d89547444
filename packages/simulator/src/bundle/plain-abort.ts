/** Has what the code under test uses. */
class PlainSignal extends EventTarget {
  aborted = false
  reason: unknown

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }
}

class PlainController {
  readonly signal = new PlainSignal()

  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    const { signal } = this
    if (signal.aborted) return
    signal.aborted = true
    signal.reason = reason
    signal.dispatchEvent(new Event('abort'))
  }
}

/**
 * Lets this thread have signals that are event targets like Node's, and cost a tenth: Node 20 makes each
 * of them a plain event target first and changes its prototype then, which takes 2 µs.
 */
export function usePlainSignals(): void {
  Object.assign(globalThis, { AbortController: PlainController, AbortSignal: PlainSignal })
}
