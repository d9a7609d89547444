import type { Bug } from '../bug.ts'

const LINE = 'core/src/lock/waiting-line.ts'
const TURN = 'core/src/lock/turn.ts'
const plan = { names: 1, clients: 2, workers: 4, request: 0, ttlMs: [1000, 4000] } as const

/** The line in which a process waits where the store has no queue. */
export const lineBugs: readonly Bug[] = [
  {
    name: 'everybodyPolls',
    about: 'nobody waits for the first in the line',
    where: 'locks',
    breaks: ['line'],
    patches: [
      {
        file: TURN,
        search: 'return this.#line.first === this || this.#sleep(leftMs, interrupt)',
        replace: 'return (void leftMs, interrupt) || true',
      },
    ],
    plan,
  },
  {
    name: 'lineFromBehind',
    about: 'the youngest waiter is next',
    where: 'locks',
    breaks: ['line', 'wait'],
    patches: [
      {
        file: LINE,
        search: 'else if (wasFirst) this.first?.wake()',
        replace: 'else if (wasFirst) [...this.#turns].at(-1)?.wake()',
      },
    ],
    plan,
  },
  {
    name: 'lineStops',
    about: 'who leaves the line lets nobody begin',
    where: 'locks',
    breaks: ['wait'],
    patches: [
      { file: LINE, search: 'else if (wasFirst) this.first?.wake()', replace: 'void wasFirst' },
    ],
    plan,
  },
  {
    name: 'lineBlocked',
    about: 'who is refused stays at the head of the line',
    where: 'locks',
    breaks: ['wait', 'line'],
    patches: [
      {
        file: 'core/src/lock/acquire.ts',
        search: '  } finally {\n    turn.leave()\n  }',
        replace: '  } finally {\n  }',
      },
    ],
    plan,
  },
  {
    name: 'lineWithoutEnd',
    about: 'the wait is not over while a waiter stands in the line',
    where: 'locks',
    breaks: ['wait'],
    patches: [
      {
        file: TURN,
        search: 'this.#line.first === this || this.#sleep(leftMs, interrupt)',
        replace: 'this.#line.first === this || this.#sleep((void leftMs, Infinity), interrupt)',
      },
    ],
    plan,
  },
  {
    name: 'lineDeaf',
    about: 'an abort is not noticed in the line',
    where: 'locks',
    breaks: ['wait'],
    patches: [
      {
        file: TURN,
        search: 'interrupt.onTrip((reason) => settle(() => reject(reason)))',
        replace: '(void reject, () => {})',
      },
    ],
    plan: { ...plan, abort: 0.5 },
  },
  {
    name: 'lineSleepsOn',
    about: 'who is first sleeps on when its own process gives the name back',
    where: 'locks',
    breaks: ['line'],
    patches: [
      {
        file: 'core/src/lock/lease.ts',
        search: "if (state === 'released') this.#engine.lines.freed(this.grant.key)",
        replace: '',
      },
    ],
    plan,
  },
  {
    name: 'lineForgetsNews',
    about: 'that the name is given back goes unheard while a try is under way',
    where: 'locks',
    breaks: ['line', 'wait'],
    patches: [{ file: TURN, search: 'else this.#isAwake = true', replace: '' }],
    plan: { ...plan, workers: 5 },
    faults: { latencyMs: 15 },
  },
]
