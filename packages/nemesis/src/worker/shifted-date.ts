let shiftMs = 0

/** Puts the wall clock of this process ahead, or back, from now on. The monotonic clock goes on as it did. */
export function shiftDate(ms: number): void {
  shiftMs = ms
}

const RealDate = Date

globalThis.Date = class extends RealDate {
  constructor(...args: unknown[]) {
    super(...((args.length === 0 ? [RealDate.now() + shiftMs] : args) as [number]))
  }

  static override now(): number {
    return RealDate.now() + shiftMs
  }
} as DateConstructor
