import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from '@jest/globals'
import { withDeadline } from '@locks/core/parts'
import { systemClock } from '../src/index.ts'

/** Some clients make a server that is asked too often look dead. */
const PACE_MS = 20

/** Looks until it is so; the test's own time limit ends it. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(PACE_MS)
}

/** The first answer: until a client has noticed that its connections are gone, there may be none. */
export async function answered<Result>(call: () => Result | Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await withDeadline(systemClock, 5000, Promise.resolve(call()))
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await sleep(PACE_MS)
    }
  }
}
