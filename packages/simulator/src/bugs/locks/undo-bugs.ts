import type { Bug } from '../bug.ts'
import { LEFT_BEHIND } from './left-behind.ts'

const ATTEMPT = 'core/src/lock/attempt.ts'
const UNDO = 'core/src/lock/undo.ts'
const LANE = 'core/src/lock/undo-lane.ts'

/** Room for one: a schedule has not as many undos as there is room for. */
const NARROW = { file: LANE, search: 'UNDOS_AT_ONCE = 128', replace: 'UNDOS_AT_ONCE = 1' }

const NOTHING_ELSE = { crash: 0, pausesMax: 0, outagesMax: 0, dropsMax: 0, late: 0, loseReply: 0 }

/** Giving up: what may have been granted to nobody must be taken back. */
export const undoBugs: readonly Bug[] = [
  {
    name: 'noCompensation',
    about: 'an acquire without an answer counts as refused',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: ATTEMPT,
        search: 'if (!isDefinite(error)) engine.undo.start(request, underWay)\n    throw error',
        replace: 'throw error',
      },
    ],
    faults: { loseReply: 0.2 },
    plan: { ttlMs: [2000, 8000] },
  },
  {
    name: 'undoOnce',
    about: 'what could not be taken back at once is left to its TTL',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      { file: UNDO, search: 'await this.#pause(attempt, arrival)', replace: 'return undefined' },
    ],
    faults: { loseReply: 0.2, loseRequest: 0.2 },
    plan: { ttlMs: [2000, 8000] },
  },
  {
    name: 'undoStopsEarly',
    about: 'the undo believes the first "absent", while the acquire is still on its way',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: UNDO,
        search: 'return !this.#replied && nowMs <= this.#overAtMs',
        replace: 'return false',
      },
    ],
    faults: { reset: 0.3, reorders: true },
    plan: { ttlMs: [2000, 8000] },
  },
  {
    name: 'placeLeftToTtl',
    about: 'a place in the queue is asked about for as long as a lease would last, and no longer',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      { file: UNDO, search: 'if (outlastsTtl) await this.#leave(key, token)', replace: '' },
    ],
    ...LEFT_BEHIND,
  },
  {
    name: 'placeAskedOnce',
    about: 'a place that outlasts the ttl is asked about once, whether there is an answer or not',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: UNDO,
        search: 'if (await this.#giveUp(key, token)) break',
        replace: 'await this.#giveUp(key, token)\n        break',
      },
    ],
    ...LEFT_BEHIND,
  },
  {
    name: 'undoKeepsItsPlace',
    about: 'an undo without an answer never makes room for another one',
    where: 'locks',
    breaks: ['P2'],
    patches: [NARROW, { file: UNDO, search: 'if (!isAnswered) this.#lane.leave()', replace: '' }],
    faults: { loseReply: 0.2, loseRequest: 0.2 },
    plan: { ttlMs: [2000, 8000] },
  },
  {
    name: 'undoForgottenInLine',
    about: 'an undo that waits for room is forgotten',
    where: 'locks',
    breaks: ['P2'],
    patches: [NARROW, { file: LANE, search: 'next.enter()', replace: 'this.#free++' }],
    faults: { loseReply: 0.2, loseRequest: 0.2 },
    plan: { ttlMs: [2000, 8000] },
  },
  {
    name: 'undoEndsWithClose',
    about: 'a close ends the undos that have had no answer yet',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: UNDO,
        search: '(this.#closed && this.#failures >= UNDOS_AT_ONCE)',
        replace: 'this.#closed',
      },
    ],
    faults: { ...NOTHING_ELSE, loseRequest: 0.6 },
    plan: { ttlMs: [6000, 8000], close: 0.4, workers: 2 },
  },
  {
    name: 'releaseNotRepeated',
    about: 'a release without an answer is not repeated',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: 'core/src/lock/give-back.ts',
        search: 'engine.undo.start(abandoned)\n      throw error',
        replace: 'throw error',
      },
    ],
    faults: { loseRequest: 0.2 },
    plan: { ttlMs: [2000, 8000] },
  },
  {
    name: 'slowGrantKept',
    about: 'a grant with nothing left is dropped, and not taken back',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: ATTEMPT,
        search: 'engine.undo.start({ key, token, ttlMs: ttlMs + graceMs })\n      return',
        replace: 'return',
      },
    ],
    faults: { slow: 0.4, reorders: true, outagesMax: 0 },
    plan: { ttlMs: [80, 160], graceMsMax: 2000, storeTimeoutMs: 300 },
  },
  {
    name: 'lateNotRefused',
    about: 'the server executes commands however late',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: 'core/src/spec/lease-step.ts',
        search: 'request.notAfterMs !== undefined && nowMs > request.notAfterMs',
        replace: 'false',
      },
    ],
    faults: { late: 0.2 },
  },
  {
    name: 'guardNeverSent',
    about: 'commands do not say until when they may be executed',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: 'core/src/lock/lease-client.ts',
        search: 'this.#storeClock.notAfterMs(this.deadlineMs, sentAtMs)',
        replace: 'undefined',
      },
    ],
    faults: { late: 0.2 },
  },
  {
    name: 'closeLeavesLocks',
    about: 'close does not release what is held',
    where: 'locks',
    breaks: ['close'],
    patches: [
      {
        file: 'core/src/lock/acquisitions.ts',
        search: "for (const lease of this.#held.toArray()) lease.abandon('closed')",
        replace: '',
      },
    ],
    plan: { close: 0.4, workers: 2 },
  },
]
