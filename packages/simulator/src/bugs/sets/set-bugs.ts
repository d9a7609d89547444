import type { Bug } from '../bug.ts'

const ACQUIRE_ALL = 'core/src/lock/acquire-all.ts'
const HELD_SET = 'core/src/lock/held-set.ts'

/** Several names at once: all or none. */
export const setBugs: readonly Bug[] = [
  {
    name: 'setUnordered',
    about: 'names are acquired in the order in which they are asked for',
    where: 'sets',
    breaks: ['wait'],
    patches: [
      {
        file: ACQUIRE_ALL,
        search: 'asked.toSorted((a, b) => (a.name < b.name ? -1 : 1))',
        replace: 'asked',
      },
    ],
    setPlan: { renew: 1, shortWait: 0, abort: 0, clients: 4 },
  },
  {
    name: 'rollbackForgetsOne',
    about: 'a failure gives all back but the first',
    where: 'sets',
    breaks: ['P2'],
    patches: [
      {
        file: ACQUIRE_ALL,
        search: 'const released = [...locks.values()].map(',
        replace: 'const released = [...locks.values()].slice(1).map(',
      },
    ],
    setPlan: { shortWait: 1 },
  },
  {
    name: 'setWithoutTheLost',
    about: 'a lock that is lost while others are awaited counts as held',
    where: 'sets',
    breaks: ['P4', 'signal'],
    patches: [
      {
        file: ACQUIRE_ALL,
        search: '() => interrupt.trip(signal.reason)',
        replace: '() => {}',
      },
      { file: ACQUIRE_ALL, search: 'lock.assertHeld()', replace: 'lock.name' },
    ],
    setPlan: { renew: 0, ttlMs: 150, shortWait: 0 },
  },
  {
    name: 'lossKeepsTheRest',
    about: 'the locks of a set go on when one of them is lost',
    where: 'sets',
    breaks: ['P2'],
    patches: [
      {
        file: HELD_SET,
        search: 'void this[Symbol.asyncDispose]()',
        replace: '',
      },
    ],
    faults: { loseReply: 0.2, loseRequest: 0.2 },
    setPlan: { renew: 1, ttlMs: 200 },
  },
]
