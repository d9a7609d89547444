/** One acquisition of `name` and its release, by whatever means. */
export type Pair = (name: string) => Promise<unknown>

/** A `Pair` and what it is called in tables. */
export interface NamedPair {
  readonly name: string
  readonly pair: Pair
}
