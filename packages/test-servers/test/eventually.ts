import { setTimeout as sleep } from 'node:timers/promises'

/** Looks again and again until it holds; the test's own timeout is the limit. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5)
}
