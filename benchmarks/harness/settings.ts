/** From the command line. */
export interface Settings {
  /** How often ours, and the reference, are measured; each figure is the median. */
  readonly rounds: number | undefined
  /** Only contenders whose name contains one of these; ours is always in. */
  readonly only: readonly string[]
}
