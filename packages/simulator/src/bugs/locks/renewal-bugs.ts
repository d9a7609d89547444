import type { Bug } from '../bug.ts'

const COUNTDOWN = 'core/src/lock/countdown.ts'
const EXTENDER = 'core/src/lock/extender.ts'
const LEASE = 'core/src/lock/lease.ts'
const RENEWAL = 'core/src/lock/renewal.ts'

/** When a lease is renewed, and the timer for that and for its deadline. */
export const renewalBugs: readonly Bug[] = [
  {
    name: 'renewAfterRelease',
    about: 'the renewal goes on after the release',
    where: 'locks',
    breaks: ['P5'],
    patches: [
      { file: LEASE, search: '    this.#countdown.stop()\n', replace: '' },
      {
        file: EXTENDER,
        search: 'if (!this.#lease.held) return false\n    const { key, token, graceMs }',
        replace: 'const { key, token, graceMs }',
      },
    ],
    plan: { renew: 1, ttlMs: [20, 300] },
  },
  {
    name: 'renewsTooLate',
    about: 'the renewal waits for the deadline itself',
    where: 'locks',
    breaks: ['renewal'],
    patches: [
      {
        file: RENEWAL,
        search: 'Math.max(leftMs - (this.#grant.ttlMs * 2) / 3, leftMs / 4, PAUSE_MS_MIN)',
        replace: 'leftMs',
      },
    ],
    plan: { renew: 1 },
  },
  {
    name: 'renewalGivesUp',
    about: 'a failed renewal is not repeated',
    where: 'locks',
    breaks: ['renewal'],
    patches: [
      {
        file: RENEWAL,
        search: 'this.#postpone(clock.now() + backoffMs(this.#failures++, limits, random))',
        replace: 'void limits',
      },
    ],
    faults: { loseRequest: 0.1 },
    plan: { renew: 1, ttlMs: [500, 2000] },
  },
  {
    name: 'renewalRejects',
    about: 'a failed renewal is a rejection that nobody handles',
    where: 'locks',
    breaks: ['rejections'],
    patches: [
      {
        file: RENEWAL,
        search: "emit({ type: 'store-error', name, error: error as Error })",
        replace: 'throw error',
      },
    ],
    faults: { reset: 0.2 },
    plan: { renew: 1 },
  },
  {
    name: 'oldDeadlineTimer',
    about: 'an extend leaves the timer of the old deadline armed',
    where: 'locks',
    breaks: ['renewal'],
    patches: [
      {
        file: COUNTDOWN,
        search: 'if (nowMs >= this.#deadlineMs)',
        replace: 'if (nowMs >= Math.min(this.#deadlineMs, this.#lease.grant.validUntilMs))',
      },
    ],
    plan: { renew: 1 },
  },
  {
    name: 'deadlineUnarmed',
    about: 'the timer that began a renewal is not armed for the deadline behind it',
    where: 'locks',
    breaks: ['P1', 'renewal'],
    patches: [
      {
        file: COUNTDOWN,
        search: '      this.#arm(nowMs)\n    }',
        replace: '    }',
      },
    ],
    faults: { loseRequest: 0.2, loseReply: 0.2 },
    plan: { renew: 1, trustSignal: 1 },
  },
  {
    name: 'renewalStorm',
    about: 'a renewal of a lease that stays short is followed by the next one at once',
    where: 'locks',
    breaks: ['storm'],
    patches: [{ file: RENEWAL, search: ', leftMs / 4, PAUSE_MS_MIN)', replace: ', 0)' }],
    // What may still shorten the lease keeps it short: extends to little, without an answer.
    faults: {
      ...{ reset: 0.3, loseReply: 0.25, latencyMs: 1, timerLateMs: 1, slow: 0, late: 0 },
      ...{ loseRequest: 0, resend: 0, pausesMax: 0, crash: 0, outagesMax: 0 },
    },
    plan: {
      ...{ extend: 1, renew: 1, ttlMs: [500, 4000], names: 3, clients: 5, workers: 2 },
      ...{ rounds: 3, troubleMs: 4000, storeTimeoutMs: 300, abort: 0, close: 0 },
    },
  },
]
