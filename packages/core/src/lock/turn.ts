import type { Clock } from '../clock.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Refusal, WaitingLine } from './waiting-line.ts'

/** One waiter in its line. */
export class Turn {
  readonly #clock: Clock
  readonly #line: WaitingLine
  readonly #onSelfWait: (() => void) | undefined
  #heard: Refusal | undefined
  /** Woken while it did not sleep. */
  #isAwake = false
  #rouse: (() => void) | undefined

  constructor(clock: Clock, line: WaitingLine, onSelfWait: (() => void) | undefined) {
    this.#clock = clock
    this.#line = line
    this.#onSelfWait = onSelfWait
  }

  /** Tries of its line in a row that were refused. */
  get tries(): number {
    return this.#line.tries
  }

  /** One that stood before it has the lock, as far as is known here. */
  get isHeldHere(): boolean {
    return this.#line.isHeldHere
  }

  /** What the store has said last to the first, since this one came. */
  get heard(): Refusal | undefined {
    return this.#heard
  }

  /** Whether it is the first before `leftMs` are over. @throws the reason of `interrupt`. */
  async comes(leftMs: number, interrupt: Interrupt): Promise<boolean> {
    return this.#line.first === this || this.#sleep(leftMs, interrupt)
  }

  /**
   * Between two tries of the first: resolves after `delayMs`, or as soon as the name is given back here.
   * @throws the reason of `interrupt`.
   */
  async pause(delayMs: number, interrupt: Interrupt): Promise<void> {
    const isFreed = this.#isAwake || (await this.#sleep(delayMs, interrupt))
    this.#isAwake = false
    this.#line.isHeldHere = false
    this.#line.tries = isFreed ? 0 : this.#line.tries + 1
  }

  /** What the store has said to this one, which is the first. */
  tell(refusal: Refusal): void {
    this.#line.tell(refusal)
  }

  /** Leaves with the lock, which is believed for `remainingMs`. */
  granted(remainingMs: number): void {
    this.#line.granted(this, remainingMs)
  }

  leave(): void {
    this.#line.leave(this)
  }

  /** It is the first now, or is and the name has been given back here. */
  wake(): void {
    if (this.#rouse) this.#rouse()
    else this.#isAwake = true
  }

  hear(refusal: Refusal): void {
    this.#heard = refusal
    if (!(refusal instanceof Error)) this.#onSelfWait?.()
  }

  /** Whether it was woken before `delayMs` were over. */
  #sleep(delayMs: number, interrupt: Interrupt): Promise<boolean> {
    return new Promise((resolve, reject) => {
      interrupt.throwIfTripped()
      const settle = (end: () => void) => {
        this.#rouse = undefined
        cancel()
        stop()
        end()
      }
      const over = () => settle(() => resolve(false))
      const cancel = delayMs === Infinity ? () => {} : this.#clock.after(delayMs, over)
      const stop = interrupt.onTrip((reason) => settle(() => reject(reason)))
      this.#rouse = () => settle(() => resolve(true))
    })
  }
}
