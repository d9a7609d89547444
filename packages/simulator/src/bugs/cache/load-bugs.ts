import { NO_FAULTS } from '../../faults.ts'
import type { Bug } from '../bug.ts'

const ASK = 'herd-cache/src/ask-for-lease.ts'
const LOAD = 'herd-cache/src/load.ts'
const RUN_LOADER = 'herd-cache/src/run-loader.ts'

/** Who loads, and what becomes of a load's lease. */
export const loadBugs: readonly Bug[] = [
  {
    name: 'noLease',
    about: 'a miss is loaded without an election',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: LOAD,
        search: 'const asked = await askForLease(parts, job.key, known)',
        replace: "const asked = { state: 'won', token: parts.random.token() }",
      },
    ],
  },
  {
    name: 'noSingleFlight',
    about: 'callers of one process do not share a load',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: 'herd-cache/src/single-flight.ts',
        search: 'if (joined) return joined.join(caller) as Promise<T>',
        replace: '',
      },
    ],
    faults: { loseRequest: 0.2 },
    cachePlan: { workers: 3, thinkMsMax: 2, loadMs: [20, 600] },
  },
  {
    name: 'waitersRunLoader',
    about: 'who is not elected loads all the same',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: 'herd-cache/src/await-load.ts',
        search: "if (leftMs <= 0) return { state: 'gave up' }",
        replace: "if (leftMs < Infinity) return { state: 'gave up' }",
      },
    ],
  },
  {
    name: 'refreshUnelected',
    about: 'a stale value is loaded anew by every process that sees it',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: LOAD,
        search: 'const reply = await askForLease(parts, job.key, { seen: stale.version })',
        replace: "const reply = { state: 'won', token: parts.random.token() }",
      },
    ],
    cachePlan: { ttlMs: [5, 50], graceMsMax: 1000, thinkMsMax: 50, rounds: 5 },
  },
  {
    name: 'ambiguousIsWon',
    about: 'an election without an answer counts as won, and may come true after a delete',
    where: 'cache',
    breaks: ['P7', 'P8', 'dated'],
    patches: [
      {
        file: ASK,
        search: "return { state: isGivenUp ? 'unanswered' : 'trouble' }",
        replace: "return { state: 'won', token }",
      },
      {
        file: ASK,
        search: 'const isGivenUp = await endLoad(parts, key, token, ABANDONED)',
        replace: '',
      },
    ],
    faults: { reset: 0.3, reorders: true },
    cachePlan: { keys: 1, delete: 0.3, loadMs: [20, 600] },
  },
  {
    name: 'ambiguousIsConfirmed',
    about: 'an election without an answer is confirmed by a renewal, and repeated behind a delete',
    where: 'cache',
    breaks: ['P7', 'P8'],
    patches: [
      {
        file: ASK,
        search: 'const isGivenUp = await endLoad(parts, key, token, ABANDONED)',
        replace: `const isGivenUp = false
      if (await client.renew(key, token, leaseMs).catch(() => false)) return { state: 'won', token }`,
      },
    ],
    faults: {
      slow: 0.2,
      resend: 0.3,
      loseReply: 0,
      loseRequest: 0,
      late: 0,
      reset: 0,
      outagesMax: 0,
      reorders: true,
      latencyMs: 4,
    },
    cachePlan: {
      keys: 1,
      clients: 4,
      workers: 3,
      rounds: 5,
      delete: 0.4,
      set: 0,
      get: 0,
      tags: 0,
      loadMs: [20, 600],
      thinkMsMax: 50,
      ttlMs: [20, 300],
      troubleMs: 2500,
      waitMs: 5000,
    },
  },
  {
    name: 'listensNoMore',
    about: 'who asks a second time believes to hear signals as the first time',
    where: 'cache',
    breaks: ['wait'],
    patches: [
      {
        file: LOAD,
        search: 'const listening = signals.hears(job.key)',
        replace: 'const listening = (heard ??= signals.hears(job.key))',
      },
      { file: LOAD, search: 'let isSecond = false', replace: 'let isSecond = false, heard' },
    ],
    faults: { ...NO_FAULTS, loseReply: 0.4, dropsMax: 8, crash: 0.5 },
    cachePlan: {
      signals: true,
      leaseMs: 1000,
      waitMs: 5000,
      keys: 1,
      clients: 3,
      workers: 1,
      rounds: 5,
      troubleMs: 2500,
      ttlMs: [20, 300],
      loadMs: [20, 600],
      thinkMsMax: 50,
      tags: 0,
      softTimeoutMs: 60_000,
    },
  },
  {
    name: 'ambiguousKeepsLease',
    about: 'an election without an answer is not given up, so nobody loads until its lease ends',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: ASK,
        search: 'const isGivenUp = await endLoad(parts, key, token, ABANDONED)',
        replace: 'const isGivenUp = true',
      },
    ],
    faults: { loseReply: 0.3 },
    cachePlan: { leaseMs: 1000 },
  },
  {
    name: 'failKeepsLease',
    about: 'a failed load keeps its lease',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: RUN_LOADER,
        search: 'await endLoad(parts, key, token, isLeft ? ABANDONED : reasonOf(parts, error))',
        replace: '',
      },
    ],
    cachePlan: { loadFails: 0.3, leaseMs: 1000 },
  },
  {
    name: 'nothingKeepsLease',
    about: 'a load that has nothing to store keeps its lease',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      { file: RUN_LOADER, search: 'await endLoad(parts, key, token, packed)', replace: '' },
    ],
    cachePlan: { loadsNothing: 0.3, leaseMs: 1000 },
  },
  {
    name: 'leaseNotRenewed',
    about: 'a long load loses its lease',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: 'herd-cache/src/lease-renewal.ts',
        search: 'this.#arm(parts.leaseMs / 3)',
        replace: '',
      },
    ],
    cachePlan: { leaseMs: 100, loadMs: [100, 600] },
  },
]
