/** Counts of what happened: shows that a run has tested something. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>()

  /** In two parts: joined only when somebody wants to read them. */
  add(what: string, detail = '', count = 1): void {
    const details = this.#counts.get(what) ?? new Map<string, number>()
    if (details.size === 0) this.#counts.set(what, details)
    details.set(detail, (details.get(detail) ?? 0) + count)
  }

  addAll(other: Tally): void {
    for (const [what, details] of other.#counts) {
      for (const [detail, count] of details) this.add(what, detail, count)
    }
  }

  toJSON(): Record<string, number> {
    const entries: [string, number][] = []
    for (const [what, details] of this.#counts) {
      for (const [detail, count] of details) entries.push([`${what} ${detail}`.trim(), count])
    }
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}
