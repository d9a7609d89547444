import { systemClock } from '../clock.ts'

/** A push that has not come by then will not. In many steps, of which a stalled machine costs one. */
const PUSH_MAX_MS = 5_000
const STEP_MS = 100

/** What a store pushed, in the order of arrival; each is taken once. */
export class Pushes<Push> {
  readonly #waiting: Push[] = []
  #wake = () => {}

  add(push: Push): void {
    this.#waiting.push(push)
    this.#wake()
  }

  /** Rejects when none comes. */
  async next(): Promise<Push> {
    if (this.#waiting.length === 0) await this.#arrival()
    return this.#waiting.shift() as Push
  }

  /** Takes all that are there. */
  arrived(): readonly Push[] {
    return this.#waiting.splice(0)
  }

  /** Takes all up to the first that `isLast`, and answers those ahead of it. */
  async until(isLast: (push: Push) => boolean): Promise<readonly Push[]> {
    const taken: Push[] = []
    for (;;) {
      const push = await this.next()
      if (isLast(push)) return taken
      taken.push(push)
    }
  }

  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      let stepsLeft = PUSH_MAX_MS / STEP_MS
      let cancel = () => {}
      const step = () => {
        if (stepsLeft-- > 0) cancel = systemClock.after(STEP_MS, step)
        else reject(new Error(`nothing was pushed for ${PUSH_MAX_MS} ms`))
      }
      this.#wake = () => {
        cancel()
        resolve()
      }
      step()
    })
  }
}
