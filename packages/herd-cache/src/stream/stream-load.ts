import { LoadAbandoned } from '../load-abandoned.ts'
import type { StreamParts } from './stream-parts.ts'
import type { StreamRecorder } from './stream-recorder.ts'

/** What the fetcher gets of a load whose stream cannot be stored. */
export const UNSTORED = 'unstored'

/**
 * A load whose items go to a reader as they come, and to the store beside it. The reader sets the pace;
 * when it leaves early or rests for too long, the load is left to others, who would wait for it in vain.
 */
export class StreamLoad {
  /** The entry to be stored, or `UNSTORED`. */
  readonly entry: Promise<Uint8Array | typeof UNSTORED>
  readonly #stream: StreamParts
  readonly #recorder: StreamRecorder
  #settle: (entry: Uint8Array | typeof UNSTORED) => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  constructor(stream: StreamParts, recorder: StreamRecorder) {
    this.#stream = stream
    this.#recorder = recorder
    this.entry = new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#reject = reject
    })
    this.entry.catch(() => {})
  }

  /** @throws what the loader throws. */
  async *items(source: () => AsyncIterable<unknown>): AsyncGenerator<unknown, void, void> {
    try {
      for await (const item of source()) {
        await this.#recorder.add(item)
        if (this.#recorder.failed) this.#settle(UNSTORED)
        yield* this.#hand(item)
      }
      this.#settle((await this.#recorder.finish()) ?? UNSTORED)
    } catch (error) {
      this.#reject(error)
      throw error
    }
  }

  /** A load that nobody reads is no faster than the store either. @throws what the loader throws. */
  async drain(source: () => AsyncIterable<unknown>): Promise<Uint8Array | typeof UNSTORED> {
    for await (const item of source()) {
      await this.#recorder.add(item)
      if (this.#recorder.failed) return UNSTORED
    }
    return (await this.#recorder.finish()) ?? UNSTORED
  }

  *#hand(item: unknown): Generator<unknown, void, void> {
    const { clock, leaseMs, waitMs } = this.#stream.parts
    const leave = () => this.#abandon()
    const cancel = clock.after(Math.max(leaseMs, waitMs), leave, { background: true })
    let isLeft = true
    try {
      yield item
      isLeft = false
    } finally {
      cancel()
      if (isLeft) leave()
    }
  }

  #abandon(): void {
    this.#recorder.abandon()
    this.#reject(new LoadAbandoned('nobody reads the stream'))
  }
}
