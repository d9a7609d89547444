import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds of the machine's monotonic clock: the same for all processes on it. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Resolves at a time of `now()`. */
export async function until(timeMs: number): Promise<void> {
  await sleep(Math.max(0, timeMs - now()))
}

export { sleep }
