/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: string
  readonly message: string
  readonly atMs: number
}
