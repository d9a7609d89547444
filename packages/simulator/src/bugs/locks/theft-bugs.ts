import { NO_FAULTS } from '../../faults.ts'
import type { Bug } from '../bug.ts'

const LEASE_STEP = 'core/src/spec/lease-step.ts'

/** Wrong in how a lock is stolen, or in how its holder learns of it. */
export const theftBugs: readonly Bug[] = [
  {
    name: 'theftKeepsFence',
    about: 'a thief gets the fence of whom it deposed',
    where: 'locks',
    breaks: ['P6'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'const deposed = [...state.holders]',
        replace: `if (state.holders.size > 0) {
      env = { ...env, nowUs: 0 }
      state.fence--
    }
    const deposed = [...state.holders]`,
      },
    ],
    plan: { steal: 0.5, names: 1 },
  },
  {
    name: 'theftLeavesHolder',
    about: 'a thief holds the lock beside whoever held it',
    where: 'locks',
    breaks: ['P1', 'P6'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'state.holders.clear()\n    state.queue.delete(token)',
        replace: 'state.queue.delete(token)',
      },
    ],
    plan: { steal: 0.5, names: 1 },
  },
  {
    name: 'theftEmptiesQueue',
    about: 'a theft sends away who waits',
    where: 'locks',
    breaks: ['queue', 'wait'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'state.holders.clear()\n    state.queue.delete(token)',
        replace: 'state.holders.clear()\n    state.queue.clear()',
      },
    ],
    plan: { queue: true, steal: 0.4, names: 1, clients: 4 },
  },
  {
    name: 'lateTheft',
    about: 'a steal that comes long after its deadline is carried out',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: LEASE_STEP,
        search: `if (isLate(request, storeNowMs)) return only({ state: 'late', storeNowMs })
    const { token, ttlMs, capacity = EXCLUSIVE, subscriber = '' } = request`,
        replace: "const { token, ttlMs, capacity = EXCLUSIVE, subscriber = '' } = request",
      },
    ],
    faults: { late: 0.3 },
    plan: { steal: 0.6, names: 1 },
  },
  {
    name: 'theftUnheard',
    about: 'the push of a theft is not told to the lock',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: 'core/src/lock/grant-inbox.ts',
        search: 'stolen: (loss) => this.#owner.stolen(loss)',
        replace: 'stolen: () => {}',
      },
    ],
    plan: { queue: true, steal: 0.4, names: 1, clients: 4 },
  },
  {
    name: 'renewalHidesTheft',
    about: 'a renewal that finds another holder does not end the lock',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: 'core/src/lock/extender.ts',
        search: "if (reply.state !== 'extended') {",
        replace:
          "if (reply.state === 'taken') return false\n      if (reply.state !== 'extended') {",
      },
    ],
    plan: { steal: 0.4, names: 1, renew: 1, request: 0 },
  },
  {
    name: 'thiefKeepsItsOwn',
    about: 'a process that steals from itself goes on believing in the old lock',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: 'core/src/lock/held-leases.ts',
        search: 'if (grant.steal) this.#depose(grant)',
        replace: '',
      },
    ],
    plan: { steal: 0.5, names: 1, workers: 2 },
  },
  {
    name: 'theftForgotten',
    about: 'who was deposed by his own process is believed when his reply comes later',
    where: 'locks',
    breaks: ['theft'],
    patches: [
      {
        file: 'core/src/lock/thefts.ts',
        search: ' || fence < (this.#fences.get(key) ?? 0)',
        replace: '',
      },
    ],
    plan: { steal: 0.7, names: 1, workers: 3, clients: 2 },
  },
  {
    name: 'lateStealDeposes',
    about: 'a steal whose reply comes late ends a younger lease of its process',
    where: 'locks',
    breaks: ['theft', 'renewal'],
    patches: [
      {
        file: 'core/src/lock/attempt.ts',
        search: 'wanted.steal && thefts.outlived(key, reply.fence)',
        replace: 'false',
      },
    ],
    faults: {
      ...{ reorders: true, slow: 0.4, pausesMax: 0, reset: 0, crash: 0, outagesMax: 0 },
      ...{ loseRequest: 0, loseReply: 0, late: 0, idleMs: 0 },
    },
    plan: {
      ...{ queue: false, sharing: 'none', steal: 0.5, names: 1, clients: 3, workers: 3, rounds: 5 },
      ...{
        renew: 0,
        extend: 0,
        request: 0,
        handover: 0,
        abort: 0,
        close: 0,
        coolDown: 0,
        maxHold: 0,
      },
      ...{ thinkMsMax: 5, storeTimeoutMs: 300, ttlMs: [2000, 8000], troubleMs: 2500 },
    },
  },
  {
    name: 'earlyTheftForgotten',
    about: 'the push of a theft that overtakes the reply of what it takes is forgotten',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: 'core/src/lock/thefts.ts',
        search: 'this.#deposed.set(token, thiefFence)',
        replace: '',
      },
    ],
    plan: { queue: true, steal: 0.5, names: 1, clients: 4 },
  },
  {
    name: 'oldNewsOfTheft',
    about:
      'the push of a theft that comes late ends what its victim was granted since, by the same token',
    where: 'locks',
    breaks: ['renewal', 'P2'],
    patches: [
      {
        file: 'core/src/lock/held-leases.ts',
        search: "if (fence < thiefFence) this.lose(token, 'stolen')",
        replace: "this.lose(token, 'stolen')",
      },
    ],
    faults: { ...NO_FAULTS, latePush: 0.6, losePush: 0.2, dropsMax: 3, latencyMs: 4 },
    plan: {
      queue: true,
      sharing: 'none',
      steal: 0.4,
      names: 1,
      clients: 4,
      workers: 2,
      rounds: 6,
      troubleMs: 2500,
      thinkMsMax: 60,
      renew: 1,
      request: 0,
      abort: 0,
      close: 0,
      handover: 0,
      coolDown: 0,
      maxHold: 0,
      ttlMs: [50, 2000],
    },
  },
]
