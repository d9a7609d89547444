import type { Bug } from '../bug.ts'

const ELECT = 'core/src/lock/elect.ts'
const LEADER_TERM = 'core/src/lock/leader-term.ts'

/** Who leads, who is told to stop, and when the next one may begin. */
export const electionBugs: readonly Bug[] = [
  {
    name: 'stepsDownTooEarly',
    about: 'the end of a campaign gives the lease back before its leader has stopped',
    where: 'elections',
    breaks: ['term'],
    patches: [
      {
        file: ELECT,
        search: 'const term = new LeaderTerm(lock, interrupt)',
        replace: `const term = new LeaderTerm(lock, interrupt)
  interrupt.onTrip(() => void lock[Symbol.asyncDispose]())`,
      },
    ],
  },
  {
    name: 'leaderNotTold',
    about: 'the signal of a term does not hear of the loss of its lease',
    where: 'elections',
    breaks: ['term'],
    patches: [
      {
        file: LEADER_TERM,
        search: 'this.#controller.abort(signal.reason)',
        replace: 'undefined',
      },
    ],
    electionPlan: { renew: 0 },
  },
  {
    name: 'termOutlivesLease',
    about: 'a term counts as held until it is told otherwise',
    where: 'elections',
    breaks: ['P1'],
    patches: [
      {
        file: LEADER_TERM,
        search: 'return this.#lock.held',
        replace: 'return !this.#controller.signal.aborted',
      },
    ],
    faults: { pausesMax: 2, timerLateMs: 20 },
    electionPlan: { renew: 0, graceMs: 0, ttlMs: 150 },
  },
  {
    name: 'termSignalNotArmed',
    about: 'no timer at the deadline of a lease: its leader is never told',
    where: 'elections',
    breaks: ['term'],
    patches: [
      {
        file: 'core/src/lock/countdown.ts',
        search: 'this.#lease.expire()',
        replace: 'void this.#lease',
      },
    ],
    electionPlan: { renew: 0, trustSignal: 1 },
  },
  {
    name: 'lossEndsCampaign',
    about: 'an error of the work after a loss ends the campaign',
    where: 'elections',
    breaks: ['term'],
    patches: [{ file: ELECT, search: 'if (lock.held) throw error', replace: 'throw error' }],
    electionPlan: { renew: 0, fail: 0.8 },
  },
  {
    name: 'stepsDownInName',
    about: 'a campaign ends without giving its lease back',
    where: 'elections',
    breaks: ['P2', 'wait'],
    patches: [
      {
        file: ELECT,
        search: 'await lock[Symbol.asyncDispose]()',
        replace: 'if (!interrupt.tripped) await lock[Symbol.asyncDispose]()',
      },
    ],
  },
  {
    name: 'campaignIsOneTry',
    about: 'a campaign asks as long as an acquisition, and no longer',
    where: 'elections',
    breaks: ['error'],
    patches: [{ file: ELECT, search: 'waitMs: Infinity', replace: 'waitMs: 500' }],
  },
]
