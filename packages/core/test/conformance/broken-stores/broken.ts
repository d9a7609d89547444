/** How a store is broken, and a rule that must tell. */
export interface Broken<Store> {
  readonly fails: string
  /** What it does instead; the rest stays as it was. */
  readonly instead: (store: Store) => Partial<Store>
}

export type BrokenStores<Store> = Readonly<Record<string, Broken<Store>>>
