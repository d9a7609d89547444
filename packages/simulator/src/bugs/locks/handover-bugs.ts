import type { Bug } from '../bug.ts'

const LEASE = 'core/src/lock/lease.ts'
const ADOPT = 'core/src/lock/adopt.ts'
const LEASE_STEP = 'core/src/spec/lease-step.ts'

/** From one holder to the next, past the queue. */
export const handoverBugs: readonly Bug[] = [
  {
    name: 'handoverKeepsHandle',
    about: 'a lock that was handed over is still held, and renewed',
    where: 'locks',
    breaks: ['P1', 'P5'],
    patches: [
      {
        file: LEASE,
        search: "this.#end('released', this.abandoned.ttlMs)",
        replace: '',
      },
    ],
    plan: { handover: 0.7, renew: 1 },
  },
  {
    name: 'handoverGivenBack',
    about: 'a grant pushed twice frees a lock that was handed over',
    where: 'locks',
    breaks: ['P5'],
    patches: [
      {
        file: 'core/src/lock/held-leases.ts',
        search: 'this.#kept.add(token)',
        replace: '',
      },
    ],
    faults: { repeatPush: 0.3, latePush: 0.2 },
    plan: { handover: 0.7, queue: true, names: 1, clients: 4, close: 0 },
  },
  {
    name: 'adoptUnasked',
    about: 'an adopter believes in the lock, whatever the store says',
    where: 'locks',
    breaks: ['P1', 'P4'],
    patches: [
      {
        file: ADOPT,
        search: "if (reply.state !== 'extended') {",
        replace: `if (reply.state !== 'extended') {
    if (token) {
      const validUntil = validUntilMs(sent.sentAtMs, ttlMs, graceMs)
      return { ...wanted, token: newToken, fence, validUntilMs: validUntil, grantedAtMs: engine.clock.now() }
    }`,
      },
    ],
    plan: { handover: 0.7, handoverTwice: 1 },
  },
  {
    name: 'adoptKeepsToken',
    about: 'an adopter goes on with the token that it was given, and so does the next one',
    where: 'locks',
    breaks: ['P1', 'P5'],
    patches: [
      {
        file: ADOPT,
        search: 'const newToken = engine.random.token()',
        replace: 'const newToken = token',
      },
    ],
    plan: { handover: 0.7, handoverTwice: 1 },
  },
  {
    name: 'adoptKeepsNew',
    about: 'an adoption without an answer is not given back where it succeeded',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: ADOPT,
        search: 'engine.undo.start({ key, token: newToken, ttlMs }, sent)',
        replace: '',
      },
    ],
    faults: { loseReply: 0.3, latencyMs: 1 },
    plan: { handover: 0.7, ttlMs: [1000, 8000], troubleMs: 1500 },
  },
  {
    name: 'adoptKeepsOld',
    about: 'an adoption without an answer is not given back where it failed',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: ADOPT,
        search: 'engine.undo.start({ key, token, ttlMs, outlastsTtl: true }, sent)',
        replace: '',
      },
    ],
    faults: { loseRequest: 0.3, latencyMs: 1 },
    plan: { handover: 0.7, ttlMs: [1000, 8000], troubleMs: 1500 },
  },
  {
    name: 'adoptWithoutFence',
    about: 'an adopter loses the fence',
    where: 'locks',
    breaks: ['P6'],
    patches: [
      {
        file: ADOPT,
        search: 'toGrant(wanted, newToken, fence, until, nowMs)',
        replace: 'toGrant(wanted, newToken, undefined, until, nowMs)',
      },
    ],
    plan: { handover: 0.7 },
  },
  {
    name: 'handoverLeavesOld',
    about: 'the store extends for the adopter, and leaves the lease to the old token',
    where: 'locks',
    breaks: ['P1', 'P2'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'if (!state.holders.has(newToken)) rename(state, token, newToken)',
        replace: '',
      },
    ],
    plan: { handover: 0.7, names: 1 },
  },
  {
    name: 'handoverNotRepeatable',
    about: 'the store takes a hand-over that comes twice for a second one',
    where: 'locks',
    breaks: ['P2', 'needless', 'handover'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'state.holders.get(newToken) ?? state.holders.get(token)',
        replace: 'state.holders.get(token)',
      },
    ],
    faults: { resend: 0.4 },
    plan: { handover: 0.7, names: 1 },
  },
  {
    name: 'handoverToAll',
    about: 'the store tells each adopter that it has the lease',
    where: 'locks',
    breaks: ['P1', 'P2', 'P4'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'state.holders.get(newToken) ?? state.holders.get(token)',
        replace: `state.holders.get(newToken) ?? state.holders.get(token) ??
      (request.newToken ? [...state.holders.values()][0] : undefined)`,
      },
    ],
    plan: { handover: 0.7, handoverTwice: 1, names: 1 },
  },
  {
    name: 'adoptsStolen',
    about: 'a lock is adopted although its own process has stolen it meanwhile',
    where: 'locks',
    breaks: ['theft'],
    patches: [
      {
        file: ADOPT,
        search: "engine.thefts.undid(key, newToken, fence) ? 'stolen' : 'expired'",
        replace: "'expired'",
      },
    ],
    faults: { reorders: true, slow: 0.3, crash: 0, pausesMax: 0, outagesMax: 0, idleMs: 0 },
    plan: {
      ...{
        sharing: 'none',
        names: 1,
        clients: 2,
        workers: 3,
        rounds: 3,
        steal: 0.5,
        handover: 0.8,
      },
      ...{ renew: 0, extend: 0, request: 0, abort: 0, close: 0, thinkMsMax: 5 },
      ...{ storeTimeoutMs: 300, ttlMs: [2000, 8000] },
    },
  },
]
