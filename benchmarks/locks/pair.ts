/** One acquisition of `name` and its release, by whatever means; between them `section`, if there is one. */
export type Pair = (name: string, section?: () => Promise<unknown>) => Promise<unknown>

/** A `Pair` and what it is called in tables. */
export interface NamedPair {
  readonly name: string
  readonly pair: Pair
}
