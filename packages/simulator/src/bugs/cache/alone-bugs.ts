import type { Bug } from '../bug.ts'

const ALONE = 'herd-cache/src/load-alone.ts'
/** Who waits for a load elsewhere soon has waited enough; an old value ends while he does. */
const IMPATIENT = {
  ...{ keys: 1, clients: 2, workers: 3, rounds: 5, thinkMsMax: 50, waitMs: 100, leaseMs: 1000 },
  ...{ graceMsMax: 0, keptMsMax: 200, softTimeoutMs: 50 },
  ttlMs: [20, 300],
  loadMs: [20, 600],
} as const

/** Mistakes of loads by those who have waited long enough for one elsewhere. */
export const aloneBugs: readonly Bug[] = [
  {
    name: 'besideAlone',
    about: 'who has waited long enough loads beside a load that goes on here behind an old value',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: ALONE,
        search: 'return parts.alone.run(key, start, abandoned)',
        replace: 'return load(job)',
      },
    ],
    cachePlan: IMPATIENT,
  },
  {
    name: 'aloneAfterDelete',
    about: 'a load by who has waited long enough is joined by who asks after a delete',
    where: 'cache',
    breaks: ['P8'],
    patches: [
      {
        file: 'herd-cache/src/fetcher.ts',
        search: 'this.#parts.alone.detach(key)\n',
        replace: '',
      },
    ],
    cachePlan: {
      ...IMPATIENT,
      ...{ clients: 3, delete: 0.3, softTimeoutMs: 60_000 },
      loadMs: [300, 600],
    },
  },
  {
    name: 'aloneForAll',
    about: 'who has waited long enough joins the load of another key',
    where: 'cache',
    breaks: ['value'],
    patches: [
      {
        file: ALONE,
        search: 'return parts.alone.run(key, start, abandoned)',
        replace: "return parts.alone.run('', start, abandoned)",
      },
    ],
    cachePlan: { ...IMPATIENT, keys: 2 },
  },
]
