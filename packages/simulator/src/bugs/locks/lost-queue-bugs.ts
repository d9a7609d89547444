import type { Bug } from '../bug.ts'

const NAME_QUEUE = 'core/src/lock/name-queue.ts'
const LEASE_STEP = 'core/src/spec/lease-step.ts'

/** Several of one process wait, and nothing else goes wrong. */
const LOST_QUEUES: Pick<Bug, 'faults' | 'plan'> = {
  faults: {
    ...{ lostQueues: 1, loseRequest: 0, loseReply: 0, late: 0, resend: 0, slow: 0, reset: 0 },
    ...{ outagesMax: 0, pausesMax: 0, crash: 0, dropsMax: 0, losePush: 0, latePush: 0 },
    ...{ repeatPush: 0, subscribeSlow: 0, subscribeFails: 0, idleMs: 0 },
  },
  plan: {
    ...{ queue: true, names: 1, clients: 3, workers: 4, rounds: 2, ttlMs: [50, 2000], close: 0 },
    ...{ abort: 0, troubleMs: 2000, thinkMsMax: 60 },
  },
}

/** A store that has lost who waits. */
export const lostQueueBugs: readonly Bug[] = [
  {
    name: 'lostQueueUnnoticed',
    about: 'the store has lost its queue, and nobody notices',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: NAME_QUEUE,
        search: 'if (isWitness) this.askAll(place)\n    else this.#callWitness(place)',
        replace: '',
      },
    ],
    ...LOST_QUEUES,
  },
  {
    name: 'lostQueueUnconfirmed',
    about: 'two waiters have lost their places, and the others are not asked',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: NAME_QUEUE,
        search: 'if (isWitness) this.askAll(place)',
        replace: 'if (isWitness) return',
      },
    ],
    ...LOST_QUEUES,
  },
  {
    name: 'placeAlwaysKept',
    about: 'the store says of a place that is gone that it is there',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'const kept = state.holders.has(token) || state.queue.has(token)',
        replace: 'const kept = true',
      },
    ],
    ...LOST_QUEUES,
  },
]
