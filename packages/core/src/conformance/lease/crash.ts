/** Proves that a lease belongs to the store: it outlives the process of its holder, up to its TTL. */
import assert from 'node:assert/strict'
import { killHolder, startHolder } from '../holder-program.ts'
import { inState } from '../replies.ts'
import { wait } from '../times.ts'
import { excludesNobody, type LeaseRules } from './bench.ts'

export const crash: LeaseRules = {
  title: 'crash',
  unless: (bench) =>
    excludesNobody(bench) ?? (bench.program ? undefined : 'no holder program was given'),
  rules: {
    async 'a killed holder keeps its lease until the TTL, then a rival gets it'(bench) {
      const { program, key, holder, rival, acquire, outlive, slackMs, patience, stopwatch } = bench
      assert.ok(program)
      const leastMs = Math.max(4000, 4 * slackMs)
      // The third try at the latest leaves time for a process to start on a very slow machine.
      const ttlMs = Math.max(leastMs, Math.min(leastMs * patience ** 2, 60_000))
      // The lease begins after this; what the program says of it may come much later.
      const { assertInTime } = stopwatch()
      const child = await startHolder(program, { key, token: holder, ttlMs })
      const before = await acquire(rival).finally(() => killHolder(child))
      await wait(ttlMs / 8)
      const after = await acquire(rival)
      assertInTime(ttlMs)
      inState(before, 'held')
      inState(after, 'held')
      await outlive(ttlMs + slackMs)
      inState(await acquire(rival), 'granted')
    },
  },
}
