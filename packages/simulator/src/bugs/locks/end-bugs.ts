import type { Bug } from '../bug.ts'

const LEASE = 'core/src/lock/lease.ts'
const COUNTDOWN = 'core/src/lock/countdown.ts'
const GIVE_BACK = 'core/src/lock/give-back.ts'

/** Other ends than a release or a lost lease. */
export const endBugs: readonly Bug[] = [
  {
    name: 'maxHoldForgotten',
    about: 'an extend moves the end beyond the maxHold',
    where: 'locks',
    breaks: ['max-hold'],
    patches: [
      { file: COUNTDOWN, search: 'Math.min(deadlineMs, this.#holdUntilMs)', replace: 'deadlineMs' },
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
        file: COUNTDOWN,
        search: 'Math.min(deadlineMs, this.#holdUntilMs)',
        replace:
          'Math.min(deadlineMs, this.#engine.clock.now() + this.#holdUntilMs - this.#lease.grant.grantedAtMs)',
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
        search: "if (reason === 'max-hold') this.#engine.undo.start(this.abandoned)\n    else",
        replace: "if (reason !== 'max-hold')",
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
        file: GIVE_BACK,
        search: 'lease.acquiredAtMs + coolDownMs',
        replace: 'engine.clock.now() + coolDownMs',
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
        file: GIVE_BACK,
        search: 'await engine.leases.extend({ key, token, ttlMs }).reply',
        replace: `await engine.leases.extend({ key, token, ttlMs }).reply.catch((error) => {
    engine.undo.start(lease.abandoned)
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
      { file: LEASE, search: '    this.#countdown.stop()\n', replace: '' },
      {
        file: 'core/src/lock/extender.ts',
        search: 'if (!this.#lease.held) return false\n    const { key, token, graceMs }',
        replace: 'const { key, token, graceMs }',
      },
    ],
    plan: { coolDown: 1, renew: 1, request: 0, close: 0 },
  },
]
