import { type AcquireOptions, createLocks, type Locks, redisStore } from '@locks/redis'
import { startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { now } from '../harness/clock.ts'
import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'

interface Kind {
  readonly title: string
  /** What holds the rest of the name all the time, so that one release lets in one. */
  readonly parked: readonly AcquireOptions[]
  /** What the callers ask for, in turn. */
  readonly asks: readonly AcquireOptions[]
}

const CALLERS = 50
const TURNS = 40
const KINDS: readonly Kind[] = [
  { title: 'exclusive', parked: [], asks: [{}] },
  { title: 'semaphore of 5', parked: Array(4).fill({ permits: 5 }), asks: [{ permits: 5 }] },
  { title: 'writers', parked: [], asks: [{ mode: 'exclusive' }] },
  {
    title: 'readers and writers in turn',
    parked: [],
    asks: [{ mode: 'shared' }, { mode: 'exclusive' }],
  },
]

/** What a hand-off costs where a name is shared, beside that of an exclusive lock in the same run. */
export async function sharing({ rounds = 5 }: Settings): Promise<Scenario> {
  await using server = await startRedis()
  const clients = await Promise.all([1, 2].map(() => createClient({ url: server.url }).connect()))
  const all = clients.map((client) => createLocks(redisStore(client), { wait: Infinity }))
  const times = new Map(KINDS.map(({ title }) => [title, [] as number[]]))
  // Round 0 loads scripts and subscribes.
  for (let round = 0; round <= rounds; round++) {
    for (const kind of KINDS) {
      const ms = await handOffMs(all, kind, `sharing:${kind.title}:${round}`)
      if (round > 0) times.get(kind.title)?.push(ms)
    }
  }
  await Promise.all(all.map((locks) => locks.close()))
  for (const client of clients) client.destroy()
  const exclusive = times.get('exclusive') ?? []
  const ratio = (ms: readonly number[]) =>
    median(ms.map((each, at) => each / (exclusive[at] ?? Number.NaN)))
  const rows = [...times].map(([kind, ms]) => ({
    kind,
    'ms per hand-off': digits(median(ms), 3),
    'over exclusive': digits(ratio(ms), 2),
  }))
  return {
    title: `contended: shared names, ${CALLERS} callers on 2 clients, empty sections`,
    notes: ['each release lets in one caller; ratios by round, and their median'],
    rows,
    targets: [...times]
      .slice(1)
      .map(([kind, ms]) => atMost(`hand-off of ${kind} over exclusive`, ratio(ms), 1.2)),
    violations: [],
    missing: [],
  }
}

async function handOffMs(all: readonly Locks[], { parked, asks }: Kind, name: string) {
  const [first] = all
  if (!first) throw new Error('no locks')
  const rest = await Promise.all(parked.map((options) => first.acquire(name, options)))
  const startedAtMs = now()
  const takeTurns = async (caller: number) => {
    const locks = all[Math.floor(caller / 2) % all.length]
    for (let turn = 0; turn < TURNS; turn++) {
      const lock = await locks?.acquire(name, asks[caller % asks.length])
      await lock?.release()
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, caller) => takeTurns(caller)))
  const tookMs = now() - startedAtMs
  await Promise.all(rest.map((lock) => lock.release()))
  return tookMs / (CALLERS * TURNS)
}
