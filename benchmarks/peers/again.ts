import { now } from '../harness/clock.ts'

const PATIENCE_MS = 60_000

/** As a caller does whose library gives up before he does. @throws what it threw, after a minute. */
export async function again<T>(acquire: () => Promise<T>): Promise<T> {
  const endAtMs = now() + PATIENCE_MS
  for (;;) {
    try {
      return await acquire()
    } catch (error) {
      if (now() > endAtMs) throw error
    }
  }
}
