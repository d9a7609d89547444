import type { Kind } from './calls.ts'
import type { Operation } from './operation.ts'

/** What happened in a run, in order of the beginnings. */
export class History {
  readonly operations: readonly Operation[]
  readonly #byKind = new Map<Kind, readonly Operation[]>()

  constructor(operations: readonly Operation[]) {
    this.operations = operations.toSorted((a, b) => a.invokedMs - b.invokedMs)
  }

  of<K extends Kind>(kind: K): readonly Operation<K>[] {
    const known = this.#byKind.get(kind)
    const found = known ?? this.operations.filter((operation) => operation.kind === kind)
    if (!known) this.#byKind.set(kind, found)
    return found as Operation<K>[]
  }
}
