import type { Bug } from '../bug.ts'

const EXTENDER = 'core/src/lock/extender.ts'
const LEASE = 'core/src/lock/lease.ts'
const RENEWAL = 'core/src/lock/renewal.ts'
const LEASE_STEP = 'core/src/spec/lease-step.ts'

/** Extending and renewing. */
export const extendBugs: readonly Bug[] = [
  {
    name: 'extendNoToken',
    about: 'an extend moves the end of whoever holds the lock',
    where: 'locks',
    breaks: ['P1', 'P2'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'const mine = state.holders.get(newToken) ?? state.holders.get(token)',
        replace: 'const mine = [...state.holders.values()][0]',
      },
    ],
    faults: { late: 0.15, slow: 0.15 },
    plan: { names: 1, renew: 0.5, extend: 0.5 },
  },
  {
    name: 'renewIsSet',
    about: 'an extend re-creates a lease that is gone',
    where: 'locks',
    breaks: ['P1', 'P2'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'if (!mine) return only({ state: notMine(state), storeNowMs })',
        replace: `if (!mine) {
      state.holders.clear()
      state.holders.set(request.token, { units: 1, fence: state.fence, untilMs: storeNowMs + request.ttlMs })
      return only({ state: 'extended', remainingMs: request.ttlMs, storeNowMs })
    }`,
      },
    ],
    faults: { reorders: true, late: 0.1 },
    plan: { renew: 1 },
  },
  {
    name: 'renewIsSetIfThere',
    about: 'an extend takes over a lease that is there, whoever holds it',
    where: 'locks',
    breaks: ['P1', 'P2'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'if (!mine) return only({ state: notMine(state), storeNowMs })',
        replace: `if (!mine && state.holders.size === 0) return only({ state: 'absent', storeNowMs })
    if (!mine) {
      state.holders.clear()
      state.holders.set(request.token, { units: 1, fence: state.fence, untilMs: storeNowMs + request.ttlMs })
      return only({ state: 'extended', remainingMs: request.ttlMs, storeNowMs })
    }`,
      },
    ],
    faults: { reorders: true, late: 0.1 },
    plan: { names: 1, renew: 1 },
  },
  {
    name: 'extendTimeoutIsOk',
    about: 'an extend without an answer counts as one',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: EXTENDER,
        search: 'const { ttlMs: least = ttlMs, overAtMs: last = 0 } = this.#doubt ?? {}',
        replace: `this.#believe(sent.sentAtMs, ttlMs)
      if (this) return this.#lease.held
      const { ttlMs: least = ttlMs, overAtMs: last = 0 } = this.#doubt ?? {}`,
      },
    ],
    faults: { loseRequest: 0.2 },
    plan: { renew: 1 },
  },
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
        file: 'core/src/lock/countdown.ts',
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
        file: 'core/src/lock/countdown.ts',
        search: '      this.#arm(nowMs)\n    }',
        replace: '    }',
      },
    ],
    faults: { loseRequest: 0.2, loseReply: 0.2 },
    plan: { renew: 1, trustSignal: 1 },
  },
  {
    name: 'shorteningUnseen',
    about: 'a shortening extend is believed only when it is answered',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: EXTENDER,
        search: 'this.#lease.endBy(validUntilMs(sent.sentAtMs, ttlMs, graceMs))',
        replace: '',
      },
    ],
    faults: { loseReply: 0.2, slow: 0.2 },
    plan: { extend: 1, ttlMs: [200, 2000] },
  },
  {
    name: 'doubtForgotten',
    about: 'an extend without an answer is forgotten at the next renewal',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: EXTENDER,
        search: 'Math.min(remainingMs, this.#doubt?.ttlMs ?? remainingMs)',
        replace: 'remainingMs',
      },
    ],
    faults: { reset: 0.3, reorders: true },
    plan: { extend: 1, renew: 1, graceMsMax: 0, storeTimeoutMs: 300 },
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
  {
    name: 'lateExtendKept',
    about: 'what an extend has kept that is answered when the lease is lost stays in the store',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: EXTENDER,
        search: 'if (this.#isOver) this.#giveBack()',
        replace: 'if (this.#isOver) return',
      },
    ],
    faults: { slow: 0.3, reorders: true },
    plan: { renew: 1, graceMsMax: 0, ttlMs: [60, 600], storeTimeoutMs: 300 },
  },
  {
    name: 'unbelievedExtendKept',
    about: 'what an extend has kept whose answer was not believed stays in the store',
    where: 'locks',
    breaks: ['P2'],
    patches: [{ file: EXTENDER, search: 'if (this.#isLonger) this.#giveBack()', replace: '' }],
    faults: { slow: 0.4 },
    plan: { renew: 0, extend: 1, ttlMs: [300, 2000], graceMsMax: 0, storeTimeoutMs: 100 },
  },
  {
    name: 'backInTheGrace',
    about: 'what an extend has kept too long is given back before the grace is over',
    where: 'locks',
    breaks: ['grace'],
    patches: [
      { file: EXTENDER, search: 'clock.after(this.#grant.graceMs, ', replace: 'clock.after(0, ' },
    ],
    faults: { slow: 0.3 },
    plan: { renew: 1, graceMsMax: 3000, ttlMs: [60, 600], storeTimeoutMs: 300 },
  },
  {
    name: 'parallelExtends',
    about: 'extends do not wait for one another, and overtake',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: EXTENDER,
        search: '(this.#last ?? Promise.resolve()).then(step)',
        replace: 'step()',
      },
    ],
    faults: { reorders: true, slow: 0.2 },
    plan: { extend: 1, graceMsMax: 0 },
  },
]
