/** When things may go wrong. Afterwards all is well for good, and everything must come to its end. */
export interface TroubleTime {
  readonly fromMs: number
  readonly untilMs: number
}

export const isIn = ({ fromMs, untilMs }: TroubleTime, atMs: number): boolean =>
  atMs >= fromMs && atMs < untilMs
