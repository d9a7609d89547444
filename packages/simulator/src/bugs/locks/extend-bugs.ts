import type { Bug } from '../bug.ts'

const EXTENDER = 'core/src/lock/extender.ts'
const LEASE_STEP = 'core/src/spec/lease-step.ts'

/** Extending, whoever asks for it, and what comes of its answers. */
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
