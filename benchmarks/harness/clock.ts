import { setTimeout as sleep } from 'node:timers/promises'

/** From the clock of this process to that of the machine. */
const offsetMs = offset()

/** Milliseconds of the machine's monotonic clock: the same for all processes on it. Allocates nothing. */
export function now(): number {
  return offsetMs + performance.now()
}

/** Resolves at a time of `now()`. */
export async function until(timeMs: number): Promise<void> {
  await sleep(Math.max(0, timeMs - now()))
}

export { sleep }

/** Whatever comes between the two readings makes it smaller: the greatest is right. */
function offset(): number {
  const read = () => Number(process.hrtime.bigint()) / 1e6 - performance.now()
  return Math.max(...Array.from({ length: 100 }, read))
}
