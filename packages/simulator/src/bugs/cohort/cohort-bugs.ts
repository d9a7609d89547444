import type { Bug } from '../bug.ts'

const COHORT = 'core/src/lock/cohort.ts'
const LEASE = 'core/src/lock/lease.ts'
const HANDLE = 'core/src/lock/held-lock.ts'
const where = 'cohort'

/** Mistakes in handing a lock on within a process. */
export const cohortBugs: readonly Bug[] = [
  {
    name: 'passesOnTheRest',
    about: 'a lease is passed on, however little is left of it',
    where,
    breaks: ['P4'],
    cohortPlan: { ttlMs: 60, renew: false },
    patches: [{ file: COHORT, search: 'lease.remaining < this.#remainingMsMin ||', replace: '' }],
  },
  {
    name: 'passesOnTheLost',
    about: 'a lease that was lost is passed on',
    where,
    breaks: ['P4', 'cohort', 'wait'],
    cohortPlan: { longSection: 0.5 },
    patches: [
      {
        file: LEASE,
        search: 'cohort !== undefined && this.held && cohort.handOn(this)',
        replace: 'cohort !== undefined && cohort.handOn(this)',
      },
      { file: COHORT, search: 'lease.remaining < this.#remainingMsMin ||', replace: '' },
    ],
  },
  {
    name: 'passesOnForGood',
    about: 'a lease stays in the process, however long others wait',
    where,
    breaks: ['cohort'],
    patches: [
      { file: COHORT, search: 'nowMs + TURNS_MS_MAX', replace: 'nowMs + 10 * TURNS_MS_MAX' },
    ],
  },
  {
    name: 'turnsUncounted',
    about: 'whoever comes while a lease is in the process has it next',
    where,
    breaks: ['P6', 'cohort'],
    patches: [{ file: COHORT, search: ' || this.#turnsLeft === 0', replace: '' }],
  },
  {
    name: 'roundsUnearned',
    about: 'the first of a process asks for several turns for each who waits there',
    where,
    breaks: ['cohort'],
    patches: [{ file: COHORT, search: '#rounds = 1\n', replace: '#rounds = ROUNDS\n' }],
  },
  {
    name: 'roundsKept',
    about: 'a process asks for several turns for each, although its last lease was not used up',
    where,
    breaks: ['cohort'],
    cohortPlan: { thinkMsMax: 0, sectionMsMax: 20 },
    patches: [{ file: COHORT, search: '? ROUNDS : 1', replace: '? ROUNDS : this.#rounds' }],
  },
  {
    name: 'roundsUnbounded',
    about: 'a process asks for as many turns as callers wait there',
    where,
    breaks: ['cohort'],
    cohortPlan: { workers: 70, rounds: 1, barging: 0 },
    patches: [
      {
        file: COHORT,
        search: 'Math.min(1 + this.#line.size, CALLERS_MAX)',
        replace: '1 + this.#line.size',
      },
    ],
  },
  {
    name: 'maxHoldUsesUp',
    about: 'a lease that could not be passed on, for its maxHold, counts as used up',
    where,
    breaks: ['cohort'],
    cohortPlan: { maxHold: 0.5, thinkMsMax: 0 },
    patches: [{ file: COHORT, search: ' && lease.grant.maxHoldMs === undefined', replace: '' }],
  },
  {
    name: 'fenceReused',
    about: 'all who have a lease in turn have the same fence',
    where,
    breaks: ['P6'],
    patches: [{ file: LEASE, search: 'this.fence + 1', replace: 'this.fence' }],
  },
  {
    name: 'fencesNotTaken',
    about: 'a waiter asks for one fence, and passes on more',
    where,
    breaks: ['P6', 'cohort'],
    cohortPlan: { queue: true, fencesAhead: true },
    patches: [
      {
        file: 'core/src/lock/queued-attempt.ts',
        search: 'ttlMs, units, capacity, fences, waiter }',
        replace: 'ttlMs, units, capacity, fences: 1, waiter }',
      },
    ],
  },
  {
    name: 'fencesMintedAgain',
    about: 'the store grants fences that the last grant owns',
    where,
    breaks: ['P6'],
    cohortPlan: { fencesAhead: true },
    patches: [
      {
        file: 'core/src/spec/lease-rule.ts',
        search: 'state.fence = fence + fences - 1',
        replace: 'state.fence = fence',
      },
    ],
  },
  {
    name: 'fencesUnsupported',
    about: 'a lease is passed on with fences that the store has not given',
    where,
    breaks: ['P6'],
    cohortPlan: { fenceBlocks: false },
    patches: [
      { file: COHORT, search: 'fencing && !fenceBlocks ? 1 :', replace: 'fencing && 1 > 2 ? 1 :' },
    ],
  },
  {
    name: 'oldHandleReleases',
    about: 'a handle that was released can be used as long as its lease is held by others',
    where,
    breaks: ['cohort'],
    cohortPlan: { useReleased: 0.5 },
    patches: [
      { file: HANDLE, search: 'this.#turn === this.#lease.turn', replace: 'this.#turn >= 0' },
    ],
  },
  {
    name: 'oldHandleIsHeld',
    about: 'a handle that was released counts as held while its lease is',
    where,
    breaks: ['cohort'],
    patches: [
      { file: HANDLE, search: 'this.#lasts && this.#lease.held', replace: 'this.#lease.held' },
    ],
  },
  {
    name: 'signalPassedOn',
    about: 'the signal of a released handle aborts when the next holder loses the lease',
    where,
    breaks: ['cohort'],
    patches: [{ file: LEASE, search: '    this.#controller = undefined\n', replace: '' }],
  },
  {
    name: 'releasedAndPassedOn',
    about: 'a lease that is passed on is given back to the store as well',
    where,
    breaks: ['P1', 'P4', 'P5', 'cohort'],
    patches: [
      {
        file: HANDLE,
        search: 'if (afterMs === 0 && this.#lease.passOn())',
        replace: 'if (afterMs === 0 && this.#lease.passOn() && false)',
      },
    ],
  },
  {
    name: 'coolDownPassedOn',
    about: 'a release with a cool-down lets in the next one of the process at once',
    where,
    breaks: ['P1', 'P5', 'release'],
    cohortPlan: { coolDown: 0.3, steal: 0 },
    patches: [{ file: HANDLE, search: 'afterMs === 0 && this.#lease', replace: 'this.#lease' }],
  },
  {
    name: 'lossStrandsCohort',
    about: 'who waits in the process does not learn that the lease was lost there',
    where,
    breaks: ['wait'],
    patches: [
      {
        file: LEASE,
        search: 'this.grant.cohort?.ended(this)',
        replace: "if (state === 'released') this.grant.cohort?.ended(this)",
      },
    ],
  },
  {
    name: 'leaderStrandsCohort',
    about: 'nobody asks the store when the first of a process has given up',
    where,
    breaks: ['wait'],
    patches: [
      {
        file: COHORT,
        search: `      this.#next()
      throw error`,
        replace: '      throw error',
      },
    ],
  },
  {
    name: 'abortedInLine',
    about: 'a lease is passed on to a waiter that has given up',
    where,
    // Nobody releases it, and it is renewed for good; or nobody hears that the store was asked in vain.
    breaks: ['cohort', 'P5', 'rejections', 'rest', 'wait', 'renewal'],
    cohortPlan: { abort: 0.4 },
    patches: [
      {
        file: 'core/src/lock/cohort-waiter.ts',
        search: `      this.#leave()
      waiting.reject(reason)`,
        replace: '      waiting.reject(reason)',
      },
    ],
  },
  {
    name: 'abortedInTurn',
    about: 'who gives up in the turn in which it gets the lease has it',
    where,
    breaks: ['cohort'],
    cohortPlan: { abortBehind: 0.5 },
    patches: [
      {
        file: 'core/src/lock/acquisitions.ts',
        search: "    if ('lease' in outcome) giveBackIfTripped(outcome.lease, interrupt)\n",
        replace: '',
      },
    ],
  },
  {
    name: 'otherTermsPassedOn',
    about: 'a lease is passed on to who has asked for another ttl',
    where,
    breaks: ['cohort'],
    cohortPlan: { otherTerms: 0.3 },
    patches: [{ file: COHORT, search: ' || !suits(lease.grant, next.wanted)', replace: '' }],
  },
]
