import type { Bug } from '../bug.ts'

const ATTEMPT = 'core/src/lock/attempt.ts'
const LEASE = 'core/src/lock/lease.ts'
const COUNTDOWN = 'core/src/lock/countdown.ts'

/** What a holder may believe, and from when to when. */
export const grantBugs: readonly Bug[] = [
  {
    name: 'fromReply',
    about: 'validity is counted from the reply instead of from before the sending',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: ATTEMPT,
        search: 'validUntilMs(sentAtMs, reply',
        replace: 'validUntilMs(engine.clock.now(), reply',
      },
    ],
    faults: { slow: 0.3 },
  },
  {
    name: 'noDriftMargin',
    about: 'no allowance for clocks of different rates',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      { file: 'core/src/lock/validity.ts', search: 'remainingMs * 0.01 + 2', replace: '0' },
    ],
    faults: { drift: 0.005, latencyMs: 1 },
    plan: { graceMsMax: 0, ttlMs: [500, 4000] },
  },
  {
    name: 'wallClock',
    about: 'leases are judged by the wall clock',
    where: 'locks',
    // A jump back makes leases and waits longer; one ahead ends a lease, and an undo, before its time.
    // Either moves `notAfterMs`: commands are refused in time, or run late.
    breaks: ['P1', 'P2', 'needless', 'wait', 'renewal'],
    patches: [],
    clock: (clock) => ({ ...clock, now: clock.wall }),
    faults: { wallJumpsMax: 3 },
  },
  {
    name: 'flagOnly',
    about: '`held` is a flag that a timer clears',
    where: 'locks',
    breaks: ['P1', 'max-hold'],
    patches: [
      {
        file: LEASE,
        search: 'if (nowMs >= this.#countdown.deadlineMs) this.expire()',
        replace: '',
      },
    ],
    faults: { timerLateMs: 20, pausesMax: 2 },
    plan: { trustSignal: 0 },
  },
  {
    name: 'signalNotArmed',
    about: 'no timer at the deadline: the signal never aborts',
    where: 'locks',
    breaks: ['P1'],
    patches: [{ file: COUNTDOWN, search: 'this.#lease.expire()', replace: 'void this.#lease' }],
    plan: { trustSignal: 1 },
  },
  {
    name: 'noValidityCheck',
    about: 'a grant whose answer took longer than the lease is handed out',
    where: 'locks',
    breaks: ['P4'],
    patches: [
      {
        file: ATTEMPT,
        search: 'if (until > nowMs && !stolen) {',
        replace: 'if (true) {',
      },
    ],
    faults: { slow: 0.3 },
    plan: { ttlMs: [20, 200] },
  },
  {
    name: 'ambiguousIsYes',
    about: 'an acquire without an answer counts as a grant',
    where: 'locks',
    breaks: ['P1', 'P6'],
    patches: [
      {
        file: ATTEMPT,
        search: 'if (!isDefinite(error)) engine.undo.start(request, underWay)\n    throw error',
        replace: `const until = validUntilMs(sent.sentAtMs, request.ttlMs, wanted.graceMs)
    const fence = Math.round(engine.clock.wall() * 1000)
    return { ...wanted, token: request.token, fence, validUntilMs: until }`,
      },
    ],
    faults: { loseRequest: 0.2, wallJumpsMax: 0 },
    plan: { ttlMs: [500, 4000] },
  },
  {
    name: 'tokenReuse',
    about: 'a client has one token for all its acquisitions',
    where: 'locks',
    breaks: ['P5'],
    patches: [],
    random: (random) => {
      const token = random.token()
      return { ...random, token: () => token }
    },
  },
  {
    name: 'heldAfterReleaseSent',
    about: 'a lock is believed until its release is answered',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: LEASE,
        search: "    this.#end('released', coolDownMs)\n",
        replace: '',
      },
      {
        file: LEASE,
        search: "parted(state: 'released' | 'extended' | 'absent' | 'taken'): boolean {",
        replace: "parted(state) {\n    if (this.#state === 'held') this.#end('released')",
      },
    ],
    plan: { trustSignal: 0 },
  },
  {
    name: 'requestHidesLoss',
    about: '`request` resolves although the lease broke meanwhile',
    where: 'locks',
    breaks: ['request'],
    patches: [
      {
        file: 'core/src/lock/hold-during.ts',
        search: 'const { reason } = lock.signal.reason',
        replace: 'return result\n  const { reason } = lock.signal.reason',
      },
    ],
    plan: { renew: 0 },
  },
]
