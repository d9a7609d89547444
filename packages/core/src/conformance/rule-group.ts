/** Rules that a store obeys or breaks, by name. Each gets a store and names that are its own. */
export interface RuleGroup<Bench> {
  readonly title: string
  /** Why no rule of the group can be asked of this store; `undefined` = they all hold. */
  readonly unless?: (bench: Bench) => string | undefined
  readonly rules: Readonly<Record<string, (bench: Bench) => Promise<void>>>
}

/** Thrown by a rule that only the store's replies show to be beside the point. */
export class NotApplicable extends Error {}

/** Thrown by a rule that was too slow for its own question; it is asked again. */
export class TooLate extends Error {}
