import { systemClock } from '@locks/core'

/** A node that answers nothing for so long may have been replaced by now. */
const SILENT_MS = 2_000

/**
 * The commands on their way. A node that freezes, or whose host is gone, closes no connection, so that a
 * client waits there for minutes after a failover. Who sends another command finds out, without a timer.
 */
export class UnansweredCommands {
  /** The oldest first. */
  readonly #open = new Set<{ readonly key: string; readonly sentAtMs: number }>()
  readonly #onSilence: (keys: readonly string[]) => Promise<void>
  #lookedAtMs = Number.NEGATIVE_INFINITY

  /** `onSilence` is told the keys of what has waited for too long, once in that time at most. */
  constructor(onSilence: (keys: readonly string[]) => Promise<void>) {
    this.#onSilence = onSilence
  }

  async follow<Reply>(key: string, send: () => Promise<Reply>): Promise<Reply> {
    const sentAtMs = systemClock.now()
    this.#look(sentAtMs)
    const command = { key, sentAtMs }
    this.#open.add(command)
    try {
      return await send()
    } finally {
      this.#open.delete(command)
    }
  }

  #look(nowMs: number): void {
    const [oldest] = this.#open
    if (!oldest || nowMs - oldest.sentAtMs < SILENT_MS || nowMs - this.#lookedAtMs < SILENT_MS)
      return
    this.#lookedAtMs = nowMs
    const silent = [...this.#open].filter(({ sentAtMs }) => nowMs - sentAtMs >= SILENT_MS)
    // It is about to be looked for again, if need be.
    this.#onSilence(silent.map(({ key }) => key)).catch(() => {})
  }
}
