/** One acquisition of `name` and its release, by whatever means; between them `section`, if there is one. */
export type Pair = (name: string, section?: () => Promise<unknown>) => Promise<unknown>
