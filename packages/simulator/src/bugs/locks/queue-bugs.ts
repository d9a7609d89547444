import type { Bug } from '../bug.ts'
import { override } from '../override.ts'
import { LEFT_BEHIND } from './left-behind.ts'

const QUEUED_ATTEMPT = 'core/src/lock/queued-attempt.ts'
const TAKE_OVER = 'core/src/lock/take-over.ts'
const GRANT_INBOX = 'core/src/lock/grant-inbox.ts'
const NAME_QUEUE = 'core/src/lock/name-queue.ts'
const CREATE_ENGINE = 'core/src/lock/create-engine.ts'

/** Waiting in the store's queue, and what a pushed grant is worth. */
export const queueBugs: readonly Bug[] = [
  {
    name: 'anchoredAtReceipt',
    about: 'a pushed grant is counted from its receipt',
    where: 'locks',
    breaks: ['P1', 'queue'],
    patches: [
      {
        file: TAKE_OVER,
        search: 'Math.min(grantedAtMs, receivedAtMs)',
        replace: 'receivedAtMs + grantedAtMs * 0',
      },
    ],
    faults: { latePush: 0.4 },
    plan: { queue: true, names: 1, clients: 4, ttlMs: [2000, 8000], graceMsMax: 0 },
  },
  {
    name: 'noRateMargin',
    about: 'the anchor of a pushed grant trusts both clocks to run at one rate',
    where: 'locks',
    breaks: ['P1', 'queue'],
    patches: [{ file: TAKE_OVER, search: 'RATE_MARGIN = 0.995', replace: 'RATE_MARGIN = 1' }],
    faults: { drift: 0.005, latencyMs: 1, latePush: 0.5, dropsMax: 0, crash: 0, pausesMax: 0 },
    plan: {
      queue: true,
      names: 1,
      clients: 5,
      workers: 3,
      rounds: 3,
      ttlMs: [150, 500],
      graceMsMax: 0,
      troubleMs: 9000,
      renew: 0,
      extend: 0,
      abort: 0,
      thinkMsMax: 5,
      trustSignal: 0,
    },
  },
  {
    name: 'noExtendAfterReconnect',
    about: 'a grant is believed although pushes may have been lost before it',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: TAKE_OVER,
        search: 'inbox.connection !== enqueue.connection ||',
        replace: 'inbox.connection < 0 ||',
      },
    ],
    faults: { dropsMax: 6 },
    plan: { queue: true, names: 1, clients: 4 },
  },
  {
    name: 'noExtendWhenOld',
    about: 'a grant that took long is believed without asking',
    where: 'locks',
    breaks: ['queue', 'renewal'],
    patches: [
      {
        file: TAKE_OVER,
        search: 'receivedAtMs - anchorMs > grantMs / 4 ||',
        replace: '',
      },
    ],
    faults: { latePush: 0.4 },
    plan: { queue: true, names: 1, clients: 4, ttlMs: [2000, 8000] },
  },
  {
    name: 'deadlineOfTtl',
    about: 'a pushed grant is believed for its ttl, not for what was set',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: TAKE_OVER,
        search: 'validUntilMs(anchorMs, grantMs, graceMs)',
        replace: 'validUntilMs(anchorMs, ttlMs + graceMs, graceMs)',
      },
    ],
    // No extend comes through, or it would put things right.
    store: (store) => override(store, { extend: () => Promise.reject(new Error('no route')) }),
    plan: { queue: true, names: 1, clients: 4, ttlMs: [8000, 15000], extend: 0 },
  },
  {
    name: 'shortStaysShort',
    about: 'a grant pushed short of its ttl is not extended to it',
    where: 'locks',
    breaks: ['renewal'],
    patches: [{ file: TAKE_OVER, search: 'until, nowMs, short)', replace: 'until, nowMs)' }],
    plan: { queue: true, names: 1, clients: 4, ttlMs: [8000, 15000], renew: 0, extend: 0 },
  },
  {
    name: 'confirmedGrantKept',
    about: 'a grant with nothing left after it was confirmed is dropped, and not taken back',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: QUEUED_ATTEMPT,
        search:
          'engine.undo.start({ key, token: grant.token, ttlMs: ttlMs + graceMs, outlastsTtl: true })',
        replace: '',
      },
    ],
    faults: { slow: 0.4, latePush: 0.4, reorders: true, outagesMax: 0 },
    plan: { queue: true, ttlMs: [80, 160], graceMsMax: 3000, storeTimeoutMs: 300, names: 1 },
  },
  {
    name: 'confirmUninterrupted',
    about: 'an abort is not noticed while a grant is confirmed',
    where: 'locks',
    breaks: ['wait'],
    patches: [
      {
        file: TAKE_OVER,
        search: 'ttlMs + graceMs }, interrupt)',
        replace: 'ttlMs + graceMs }, interrupt && undefined)',
      },
    ],
    faults: { latePush: 0.4, slow: 0.3 },
    plan: { queue: true, names: 1, clients: 4, abort: 0.7 },
  },
  {
    name: 'orphanKept',
    about: 'a grant that nobody waits for any more is not given back',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: CREATE_ENGINE,
        search: 'if (!holdings.holds(token)) undo.start(',
        replace: 'if (token === key) undo.start(',
      },
    ],
    ...LEFT_BEHIND,
  },
  {
    name: 'orphanOfHolder',
    about: 'a push that comes again, or late, takes the lease of the one who holds it',
    where: 'locks',
    breaks: ['P1', 'P5'],
    patches: [
      {
        file: CREATE_ENGINE,
        search: 'if (!holdings.holds(token)) undo.start(',
        replace: 'undo.start(',
      },
    ],
    faults: { repeatPush: 0.3 },
    plan: { queue: true, names: 1 },
  },
  {
    name: 'noAskAfterReconnect',
    about: 'waiters do not ask again after a reconnect',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: GRANT_INBOX,
        search: 'for (const queue of this.#queues.values()) queue.askAll()',
        replace: '',
      },
    ],
    faults: { dropsMax: 4 },
    plan: { queue: true, names: 1, clients: 4 },
  },
  {
    name: 'noPoke',
    about: 'no timer stands behind the pushes',
    where: 'locks',
    breaks: ['wait', 'queue'],
    patches: [{ file: NAME_QUEUE, search: 'first?.ask()', replace: 'void first' }],
    faults: { crash: 0.5 },
    plan: { queue: true, names: 1, clients: 4 },
  },
  {
    name: 'pokedOnce',
    about: 'the timer behind the pushes is not armed again when who asked got no answer',
    where: 'locks',
    breaks: ['wait'],
    patches: [
      { file: NAME_QUEUE, search: 'this.expectEnd(this.#retryMs, this.#retryMs)', replace: '' },
    ],
    faults: { loseRequest: 0.3, losePush: 0.3 },
    plan: { queue: true, names: 1, clients: 3, workers: 3, ttlMs: [50, 400] },
  },
  {
    name: 'givesUpWithoutLeave',
    about: 'who waits no longer keeps the place',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: QUEUED_ATTEMPT,
        search: 'undo.start({ key, token, ttlMs, outlastsTtl: true })\n      return reply',
        replace: 'return reply',
      },
    ],
    plan: { queue: true, names: 1 },
  },
  {
    name: 'enqueuesUnready',
    about: 'a waiter enqueues before pushes arrive',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: GRANT_INBOX,
        search: 'get ready(): boolean {\n    return this.#connected',
        replace: 'get ready(): boolean {\n    return this.#subscription !== undefined',
      },
    ],
    faults: { subscribeSlow: 0.4 },
    plan: { queue: true, names: 1, workers: 3 },
  },
  {
    name: 'pushToAnybody',
    about: 'a push is given to whoever waits, not to its token',
    where: 'locks',
    breaks: ['P5', 'P4', 'P2', 'P6', 'P1'],
    patches: [
      {
        file: GRANT_INBOX,
        search: 'this.#places.get(grant.token)\n    if (place) place.deliver',
        replace: '[...this.#places.values()][0]\n    if (place) place.deliver',
      },
    ],
    faults: { repeatPush: 0.3 },
    plan: { queue: true, names: 1, workers: 3 },
  },
]
