import type { Bug } from '../bug.ts'

const LEASE = 'core/src/lock/lease.ts'

/** Other ends than a release or a lost lease. */
export const endBugs: readonly Bug[] = [
  {
    name: 'maxHoldForgotten',
    about: 'an extend moves the end beyond the maxHold',
    where: 'locks',
    breaks: ['max-hold'],
    patches: [
      { file: LEASE, search: 'Math.min(deadlineMs, this.#holdUntilMs)', replace: 'deadlineMs' },
    ],
    plan: { maxHold: 1, renew: 1 },
  },
  {
    name: 'maxHoldRestarts',
    about: 'the maxHold counts from the last extend',
    where: 'locks',
    breaks: ['max-hold'],
    patches: [
      {
        file: LEASE,
        search: 'Math.min(deadlineMs, this.#holdUntilMs)',
        replace:
          'Math.min(deadlineMs, this.#engine.clock.now() + this.#holdUntilMs - this.#acquiredAtMs)',
      },
    ],
    plan: { maxHold: 1, renew: 1 },
  },
  {
    name: 'maxHoldKept',
    about: 'a lock that is lost to its maxHold is not given back',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: LEASE,
        search: "this.lose('max-hold')\n      this.#engine.undo.start(this.#extender.abandoned)",
        replace: "this.lose('max-hold')",
      },
    ],
    faults: { latencyMs: 1 },
    plan: { maxHold: 1, renew: 1, ttlMs: [1000, 8000], troubleMs: 200 },
  },
  {
    name: 'coolDownFromRelease',
    about: 'a cool-down counts from the release',
    where: 'locks',
    breaks: ['release'],
    patches: [
      {
        file: LEASE,
        search: 'this.#acquiredAtMs + coolDownMs',
        replace: 'this.#engine.clock.now() + coolDownMs',
      },
    ],
    plan: { coolDown: 1, request: 0 },
  },
  {
    name: 'coolDownUndone',
    about: 'a cool-down without an answer is undone like a release',
    where: 'locks',
    breaks: ['release'],
    patches: [
      {
        file: LEASE,
        search: 'await this.#engine.leases.extend({ key, token, ttlMs }).reply',
        replace: `await this.#engine.leases.extend({ key, token, ttlMs }).reply.catch((error) => {
      this.#engine.undo.start(this.#extender.abandoned)
      throw error
    })`,
      },
    ],
    faults: { loseReply: 0.3 },
    plan: { coolDown: 1, request: 0 },
  },
  {
    name: 'coolDownRenewed',
    about: 'a lock that cools down goes on renewing',
    where: 'locks',
    breaks: ['P5'],
    patches: [
      { file: LEASE, search: '    this.#renewal?.stop()\n', replace: '' },
      {
        file: 'core/src/lock/extender.ts',
        search: 'if (!this.#lease.held) return false\n    const { key, token, graceMs }',
        replace: 'const { key, token, graceMs }',
      },
    ],
    plan: { coolDown: 1, renew: 1, request: 0, close: 0 },
  },
]
