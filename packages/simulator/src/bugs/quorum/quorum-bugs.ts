import { NO_FAULTS } from '../../faults.ts'
import type { Bug } from '../bug.ts'

const POLL = 'core/src/quorum/poll.ts'
const STANDING = 'core/src/quorum/standing.ts'
const STORE = 'core/src/quorum/quorum-store.ts'

/** Several servers as one: a majority is more than half, at one time, and by its own word. */
export const quorumBugs: readonly Bug[] = [
  {
    name: 'halfIsEnough',
    about: 'of an even number of nodes, half make a majority',
    where: 'quorum',
    breaks: ['P1', 'majority'],
    patches: [{ file: POLL, search: 'Math.floor(nodes / 2) + 1', replace: 'Math.ceil(nodes / 2)' }],
    quorumPlan: { nodes: 4, names: 1 },
  },
  {
    name: 'undoWhereAnswered',
    about: 'a try is taken back only from the nodes that have granted it',
    where: 'quorum',
    breaks: ['P2'],
    patches: [
      {
        file: STANDING,
        search:
          'this.#mayHold = true\n    const mayRunBehind = this.#unanswered.mayAcquire\n    const sent = this.#node.leases.acquire',
        replace:
          'const mayRunBehind = this.#unanswered.mayAcquire\n    const sent = this.#node.leases.acquire',
      },
    ],
    faults: { loseReply: 0.3 },
    quorumPlan: { ttlMs: [2000, 8000], restart: 0 },
  },
  {
    name: 'undoNowhere',
    about: 'a minority keeps what it has granted, until its ttl',
    where: 'quorum',
    breaks: ['P2'],
    patches: [
      {
        file: STORE,
        search: 'for (const standing of claim.standings) standing.takeBack(claim.ttlMs)',
        replace: '',
      },
    ],
    quorumPlan: { ttlMs: [2000, 8000], names: 1 },
  },
  {
    name: 'topUpCountsAtOnce',
    about: 'a node that gets the lease again counts in the same renewal',
    where: 'quorum',
    // It also asks again for what has been given up meanwhile.
    breaks: ['majority', 'P1', 'P5'],
    patches: [
      {
        file: STANDING,
        search:
          'const hasForgotten = this.#hasForgotten(reply.state)\n    this.#refused(mayRunBehind)',
        replace:
          "if (reply.state === 'absent') { const again = await this.ask(ttlMs); if (again.state === 'granted') return { state: 'extended', hasForgotten: false, remainingMs: again.remainingMs } }\n" +
          'const hasForgotten = this.#hasForgotten(reply.state)\n    this.#refused(mayRunBehind)',
      },
    ],
    faults: { loseRequest: 0.25 },
    quorumPlan: { nodes: 3, renew: 1, ttlMs: [300, 2000] },
  },
  {
    name: 'lostMajorityReacquired',
    about: 'a lock that has lost its majority is acquired anew, and believed all the time',
    where: 'quorum',
    // Or the lock has ended by then.
    breaks: ['majority', 'P1', 'P5'],
    patches: [
      {
        file: STORE,
        search: 'this.#abandon(claim)\n      return { state: lossOf(no) }',
        replace:
          "const again = await this.acquire({ key, token, ttlMs })\n      return again.state === 'granted' ? { state: 'extended', remainingMs: again.remainingMs } : { state: lossOf(no) }",
      },
    ],
    faults: { loseRequest: 0.25 },
    quorumPlan: { nodes: 3, renew: 1, restart: 1, ttlMs: [300, 2000] },
  },
  {
    name: 'releaseForgetsTheAcquire',
    about: 'a release does not take back an acquire that runs behind it',
    where: 'quorum',
    breaks: ['P2'],
    patches: [
      {
        file: STANDING,
        search: 'this.#mayHold = mayRunBehind\n        return this.#takeBack(ttlMs)',
        replace: 'return true',
      },
    ],
    faults: { slow: 0.25, reset: 0.25, reorders: true },
    quorumPlan: { nodes: 3, ttlMs: [2000, 8000], restart: 0 },
  },
  {
    name: 'lateIsRefusal',
    about:
      'a node that answers an acquire as late keeps nothing, although it may have run it before',
    where: 'quorum',
    breaks: ['P2'],
    patches: [
      {
        file: STANDING,
        search:
          "if (reply.state === 'late') throw late()\n      this.#refused(mayRunBehind)\n      return reply",
        replace:
          "this.#refused(mayRunBehind)\n      if (reply.state === 'late') throw late()\n      return reply",
      },
    ],
    // Only a timer that is later than the refusal lets it be heard.
    faults: {
      ...NO_FAULTS,
      resend: 0.4,
      loseRequest: 0.25,
      latencyMs: 1,
      timerLateMs: 60,
      reorders: true,
    },
    quorumPlan: {
      nodes: 3,
      clients: 3,
      names: 1,
      rounds: 4,
      storeTimeoutMs: 60,
      thinkMsMax: 5,
      ttlMs: [2000, 8000],
      restart: 0,
      hiccup: 0,
    },
  },
]
