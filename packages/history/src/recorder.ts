import type { Asked, Kind, Outcome, Tenancy } from './calls.ts'

const SEEN = { is: 'seen' } as const

/** An operation that has begun. */
export interface Pending<K extends Kind> {
  /** The first call counts: an operation ends once. */
  end(outcome: Outcome<K>): void
}

export interface RecorderOptions {
  /** Name of the recording process, unique in its run. */
  readonly process: string
  /** Milliseconds on a clock that never steps back, and that all processes of the run share. */
  readonly now: () => number
  /** Takes one line, with its line break, and has it safe when it returns. */
  readonly write: (line: string) => void
  /** What is to be added to this process's times to compare them with others'; 0 if not given. */
  readonly offsetMs?: number
}

/**
 * Writes the history of one process: a line when an operation begins and one when it ends, so that what a
 * killed process was doing is known as begun. A call that begins is on record before it is made.
 */
export class Recorder {
  readonly #now: () => number
  readonly #write: (line: string) => void
  #count = 0

  constructor({ process, now, write, offsetMs = 0 }: RecorderOptions) {
    this.#now = now
    this.#write = write
    this.#line({ process, offsetMs })
  }

  begin<K extends Kind>(kind: K, asked: Asked<K>): Pending<K> {
    const id = this.#count++
    this.#line({ id, at: this.#now(), kind, asked })
    let open = true
    return {
      end: (outcome) => {
        if (!open) return
        open = false
        this.#line({ id, at: this.#now(), outcome })
      },
    }
  }

  /** What takes no time. */
  note<K extends Kind>(kind: K, asked: Asked<K>, outcome: Outcome<K>): void {
    this.#line({ id: this.#count++, at: this.#now(), kind, asked, outcome })
  }

  /**
   * Asks the holder whether it believes in its lock, and writes down that it does. The time is from before
   * the question, since the process may be stopped anywhere.
   */
  witness(tenancy: Tenancy, isHeld: () => boolean): boolean {
    const at = this.#now()
    const held = isHeld()
    if (held) this.#line({ id: this.#count++, at, kind: 'held', asked: tenancy, outcome: SEEN })
    return held
  }

  #line(content: object): void {
    this.#write(`${JSON.stringify(content)}\n`)
  }
}
