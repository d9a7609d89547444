import type { Kind } from './calls.ts'
import { History } from './history.ts'
import type { Operation } from './operation.ts'

/**
 * Reads what recorders have written, one text per process. A last line without its end is left out: its
 * process died while writing it.
 *
 * @throws Error naming the process and line that is not a recorder's.
 */
export function parseHistory(texts: readonly string[]): History {
  return new History(texts.flatMap(parseProcess))
}

interface Line {
  readonly id: number
  readonly at: number
  readonly kind?: Kind
  readonly asked?: object
  readonly outcome?: object
}

function parseProcess(text: string): Operation[] {
  const [first = '', ...rest] = text.split('\n').slice(0, -1)
  if (first === '') return []
  const { process, offsetMs } = JSON.parse(first) as { process: string; offsetMs: number }
  const operations = new Map<number, Open>()
  rest.forEach((line, index) => {
    try {
      read(JSON.parse(line) as Line)
    } catch (error) {
      throw new Error(`line ${index + 2} of ${process} is not a recorder's`, { cause: error })
    }
  })
  return [...operations.values()] as Operation[]

  function read({ id, at, kind, asked, outcome }: Line): void {
    const atMs = at + offsetMs
    if (kind) {
      const completedMs = outcome ? atMs : Number.POSITIVE_INFINITY
      operations.set(id, { kind, process, asked, invokedMs: atMs, completedMs, outcome })
      return
    }
    const open = operations.get(id)
    if (!open) throw new Error(`nothing with the id ${id} has begun`)
    open.completedMs = atMs
    open.outcome = outcome
  }
}

interface Open {
  readonly kind: Kind
  readonly process: string
  readonly asked: object | undefined
  readonly invokedMs: number
  completedMs: number
  outcome: object | undefined
}
