/** Milliseconds since the machine was started: the same for all its processes, and no step ever. */
export const sharedClock = {
  now: (): number => Number(process.hrtime.bigint() / 1000n) / 1000,
} as const
