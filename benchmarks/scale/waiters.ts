import { getEventListeners } from 'node:events'
import { createLocks, type Lock, type Locks, redisStore } from '@locks/redis'
import { RespConnection, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { now, sleep } from '../harness/clock.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'
import type { Grown } from './grown.ts'
import { heapKilobytes } from './heap.ts'

const COUNTS = [1, 10, 100, 1000, 10_000]
/** Of few waiters, so many times the rounds: they are quickly measured, and vary. */
const OFTEN = 5

/** Of one round, per waiter. */
interface Figures {
  readonly enqueueMs: number
  readonly kilobytes: number
  readonly handOffMs: number
  readonly abortMs: number
  readonly abortNewestMs: number
  readonly listeners: number
}

/** Very many waiters on one name in one process, and one AbortSignal for all of them. */
export async function waiters({ rounds = 2 }: Settings): Promise<Grown> {
  const results = new Map(COUNTS.map((count) => [count, [] as Figures[]]))
  await using server = await startRedis()
  await measure(server, 100, 'warm-up')
  for (let round = 0; round < rounds * OFTEN; round++) {
    for (const count of COUNTS) {
      if (count >= 1000 && round >= rounds) continue
      results.get(count)?.push(await measure(server, count, `scale-${count}-${round}`))
    }
  }
  const of = (count: number, field: keyof Figures) =>
    median((results.get(count) ?? []).map((figures) => figures[field]))
  const growth = (field: keyof Figures) => of(10_000, field) / of(1000, field)
  return {
    scenario: {
      title: 'scale: waiters on one name in one process',
      notes: [
        'per waiter; memory: of the heap, after a collection',
        'an abort has its place looked for from the oldest on: for the newest, as far as the queue is long',
      ],
      rows: COUNTS.map((count) => ({
        waiters: count,
        'ms to enqueue': digits(of(count, 'enqueueMs'), 3),
        'KB waiting': digits(count < 100 ? Number.NaN : of(count, 'kilobytes'), 2),
        'ms per hand-off': digits(of(count, 'handOffMs'), 3),
        'ms to abort, oldest first': digits(of(count, 'abortMs'), 3),
        'ms to abort, newest first': digits(of(count, 'abortNewestMs'), 3),
        'listeners of the signal': of(count, 'listeners'),
      })),
      targets: [
        atMost('time to enqueue, 10,000 over 1,000', growth('enqueueMs'), 1.5),
        atMost('memory, 10,000 over 1,000', growth('kilobytes'), 1.5),
        atMost('time of a hand-off, 10,000 over 1,000', growth('handOffMs'), 1.5),
        atMost('time of an abort, oldest first, 10,000 over 1,000', growth('abortMs'), 1.5),
        atMost('time of an abort, newest first, 10,000 over 1,000', growth('abortNewestMs'), 10),
        atMost('listeners of the signal', of(10_000, 'listeners'), 1),
      ],
      violations: [],
      missing: [],
    },
    kilobytes: new Map(
      COUNTS.filter((count) => count >= 100).map((count) => [count, of(count, 'kilobytes')]),
    ),
  }
}

async function measure(
  { url, port }: { readonly url: string; readonly port: number },
  count: number,
  name: string,
): Promise<Figures> {
  const client = await createClient({ url }).connect()
  const direct = await RespConnection.open(port)
  await using locks = createLocks(redisStore(client), {
    wait: Infinity,
    // No deadline that a busy machine could miss.
    storeTimeout: '60s',
  })
  // Opens the connection on which waiters are told.
  const opener = await locks.acquire(name)
  const opened = locks.acquire(name)
  while ((await direct.call('LLEN', `locks:l1:{${name}}:q`)) !== 1) await sleep(2)
  await opener.release()
  const first = await opened
  const controller = new AbortController()
  const { signal } = controller
  const queued = async (length: number) => {
    while ((await direct.call('LLEN', `locks:l1:{${name}}:q`)) !== length)
      await sleep(count < 1000 ? 0 : 2)
  }
  const crowd = (use: (lock: Lock) => Promise<unknown>) =>
    Array.from({ length: count }, () => locks.acquire(name, { signal }).then(use))

  const before = await heapKilobytes()
  const startedAtMs = now()
  const served = crowd((lock) => lock.release())
  await queued(count)
  const enqueueMs = now() - startedAtMs
  const kilobytes = (await heapKilobytes()) - before
  const listeners = getEventListeners(signal, 'abort').length

  const releasedAtMs = now()
  await first.release()
  await Promise.all(served)
  const handOffMs = now() - releasedAtMs

  await using _ = await locks.acquire(name)
  const one = Array.from({ length: count }, () => controller)
  const abortMs = await abortAll(locks, name, one, queued)
  const newestFirst = one.map(() => new AbortController())
  const abortNewestMs = await abortAll(locks, name, newestFirst, queued)

  direct.close()
  await locks.close()
  client.destroy()
  const per = (total: number) => total / count
  return {
    enqueueMs: per(enqueueMs),
    kilobytes: per(kilobytes),
    handOffMs: per(handOffMs),
    abortMs: per(abortMs),
    abortNewestMs: per(abortNewestMs),
    listeners,
  }
}

/** A waiter for each, of which the last is aborted first; the oldest first, where all have one. */
async function abortAll(
  locks: Locks,
  name: string,
  controllers: readonly AbortController[],
  queued: (length: number) => Promise<void>,
): Promise<number> {
  const impatient = controllers.map(({ signal }) => locks.acquire(name, { signal }).catch(() => {}))
  await queued(controllers.length)
  const abortedAtMs = now()
  for (const controller of controllers.toReversed()) controller.abort()
  await Promise.all(impatient)
  await queued(0)
  return now() - abortedAtMs
}
