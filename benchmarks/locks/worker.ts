import { now, sleep, until } from '../harness/clock.ts'
import { serve } from '../harness/serve.ts'
import type { CallerLock, Held, LockClient } from './contender.ts'
import { loadContender } from './contenders.ts'

/** Which library, at which address. */
export interface Connection {
  readonly contender: string
  readonly url: string
}

/** Callers that contend for one lock from a common start on. */
export interface Contention extends Connection {
  readonly name: string
  readonly callers: number
  readonly startAtMs: number
  /** No new section begins after this. */
  readonly endAtMs: number
  readonly turns: number
  readonly sectionMs: number
  /** Between two turns, at least; up to three times as long. */
  readonly restMs: number
}

export interface Section {
  readonly caller: number
  readonly askedAtMs: number
  readonly enteredAtMs: number
  readonly leftAtMs: number
  readonly fence?: number | undefined
}

/** One connection per library and process, for as long as the process lives. */
const clients = new Map<string, Promise<LockClient>>()
const held = new Map<string, Held>()

function client({ contender, url }: Connection): Promise<LockClient> {
  const key = `${contender} ${url}`
  const connected = clients.get(key) ?? loadContender(contender).then((each) => each.connect(url))
  clients.set(key, connected)
  return connected
}

/** So long everybody is run before anything is timed. */
const WARM_UP_MS = 1000

/** Everything that happens once: connections, scripts, subscriptions, and the work of the compiler. */
async function warmUp(job: Connection & { readonly name: string }): Promise<void> {
  const connected = await client(job)
  await connected.prepare?.(job.name)
  const locks = await Promise.all([1, 2, 3].map(() => connected.lock(job.name)))
  const endAtMs = now() + WARM_UP_MS
  const takeTurns = async (lock: CallerLock) => {
    while (now() < endAtMs) await enter(lock, 1)
  }
  await Promise.all(locks.map(takeTurns))
}

async function prepare(job: Connection & { readonly name: string }): Promise<void> {
  await (await client(job)).prepare?.(job.name)
}

async function contend(job: Contention): Promise<Section[]> {
  const connected = await client(job)
  const callers = Array.from({ length: job.callers }, (_, caller) => caller)
  const locks = await Promise.all(callers.map(() => connected.lock(job.name)))
  const sections: Section[] = []
  await until(job.startAtMs)
  const takeTurns = async (caller: number, lock: CallerLock) => {
    for (let turn = 0; turn < job.turns && now() < job.endAtMs; turn++) {
      sections.push({ caller, ...(await enter(lock, job.sectionMs, job.endAtMs)) })
      if (job.restMs > 0) await sleep(job.restMs * (1 + 2 * Math.random()))
    }
  }
  await Promise.all(locks.map((lock, caller) => takeTurns(caller, lock)))
  return sections
}

/** One turn. Whoever gets the lock after the end gives it back at once: he has waited, no more. */
async function enter(lock: CallerLock, sectionMs: number, endAtMs = Infinity) {
  const askedAtMs = now()
  const { fence, ...rest } = await acquire(lock)
  const enteredAtMs = now()
  if (enteredAtMs < endAtMs && sectionMs > 0) await sleep(sectionMs)
  const leftAtMs = now()
  await rest.release()
  return { askedAtMs, enteredAtMs, leftAtMs, fence }
}

async function acquire(lock: CallerLock) {
  const got = await lock.acquire()
  return { fence: got.fence, release: () => got.release() }
}

interface Hold extends Connection {
  readonly names: readonly string[]
  /** How long each of the names is held. */
  readonly holdMs: readonly number[]
}

async function hold(job: Hold): Promise<void> {
  const connected = await client(job)
  const take = async (name: string) => {
    await connected.prepare?.(name)
    const lock = await connected.lock(name)
    held.set(name, await lock.acquire())
  }
  await Promise.all(job.names.map(take))
}

/** When each release was called. */
async function releaseAll({ names, holdMs }: Hold): Promise<number[]> {
  return Promise.all(
    names.map(async (name, at) => {
      await sleep(holdMs[at])
      const calledAtMs = now()
      await held.get(name)?.release()
      held.delete(name)
      return calledAtMs
    }),
  )
}

/** When each lock was ours; it is released at once. */
async function awaitAll(job: Hold): Promise<number[]> {
  const connected = await client(job)
  const locks = await Promise.all(job.names.map((name) => connected.lock(name)))
  return Promise.all(locks.map(async (lock) => (await enter(lock, 0, 0)).enteredAtMs))
}

await serve({ warmUp, prepare, contend, hold, releaseAll, awaitAll })
