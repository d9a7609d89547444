import { now, sleep, until } from '../harness/clock.ts'
import { serve } from '../harness/serve.ts'
import type { CallerLock, Held, LockClient } from './contender.ts'
import { loadContender } from './contenders.ts'
import { SectionLog } from './section-log.ts'

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
  /** Who still waits at the end is not waited for. */
  readonly isCut?: boolean
  /** Another lock is taken over and over until the start: who has slept wakes for longer than a drain takes. */
  readonly isAwake?: boolean
}

/** What the callers of one process did. */
export interface Contended {
  /** As `SectionLog` has written them. */
  readonly sections: string
  /** An acquire or a release that was rejected. */
  readonly failures: number
  /** Of this process with all its threads, from the common start on. */
  readonly cpuMicros: number
}

/** One connection per library and process, for as long as the process lives. */
const clients = new Map<string, Promise<LockClient>>()
const held = new Map<string, Held>()
const log = new SectionLog()
/** Since when each caller waits; 0 while it does not. */
const askedAt: number[] = []

function client({ contender, url }: Connection): Promise<LockClient> {
  const key = `${contender} ${url}`
  const connected = clients.get(key) ?? loadContender(contender).then((each) => each.connect(url))
  clients.set(key, connected)
  return connected
}

interface WarmUp extends Connection {
  readonly name: string
  readonly callers: number
  /** How many each takes in a row, before all begin again. */
  readonly turns: number
  readonly lastsMs: number
}

/**
 * The same that will be timed, with empty sections: connections, scripts and subscriptions are made once,
 * and the compiler has seen all that is run often.
 */
async function warmUp({ callers, turns, lastsMs, ...job }: WarmUp): Promise<void> {
  const connected = await client(job)
  const locks = await locksOf(connected, job.name, callers)
  const endAtMs = now() + lastsMs
  const takeTurns = async (lock: CallerLock) => {
    for (let turn = 0; turn < turns && now() < endAtMs; turn++) {
      await lock.acquire().then((held) => held.release())
    }
  }
  while (now() < endAtMs) await Promise.all(locks.map(takeTurns))
}

async function prepare(job: Connection & { readonly name: string }): Promise<void> {
  await (await client(job)).prepare?.(job.name)
}

async function contend(job: Contention): Promise<Contended> {
  const locks = await locksOf(await client(job), job.name, job.callers)
  log.clear()
  askedAt.length = 0
  for (const _ of locks) askedAt.push(0)
  let failures = 0
  if (job.isAwake) await stayAwake(job)
  await until(job.startAtMs)
  const cpuBefore = process.cpuUsage()
  const takeTurns = async (lock: CallerLock, caller: number) => {
    for (let turn = 0; turn < job.turns && now() < job.endAtMs; turn++) {
      await enter(job, lock, caller).catch(() => failures++)
      if (job.restMs > 0) await sleep(job.restMs * (1 + 2 * Math.random()))
    }
  }
  const all = Promise.all(locks.map(takeTurns))
  await (job.isCut ? Promise.race([all, until(job.endAtMs)]) : all)
  for (const [caller, asked] of askedAt.entries()) {
    if (asked > 0) log.add(caller, asked, Math.max(now(), job.endAtMs), Number.NaN, Number.NaN)
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  return { sections: log.toText(), failures, cpuMicros: user + system }
}

/** With one caller and a name that nobody else wants. */
async function stayAwake({ contender, url, name, startAtMs }: Contention): Promise<void> {
  const own = { contender, url, name: `awake:${name}` }
  await prepare(own)
  const lock = await (await client(own)).lock(own.name)
  while (now() < startAtMs) await lock.acquire().then((held) => held.release())
}

/** One turn. Whoever gets the lock after the end gives it back at once: he has waited, no more. */
async function enter({ sectionMs, endAtMs }: Contention, lock: CallerLock, caller: number) {
  const askedAtMs = now()
  askedAt[caller] = askedAtMs
  const got = await lock.acquire()
  askedAt[caller] = 0
  const enteredAtMs = now()
  if (sectionMs > 0 && enteredAtMs < endAtMs) await sleep(sectionMs)
  const leftAtMs = now()
  const released = got.release()
  log.add(caller, askedAtMs, enteredAtMs, leftAtMs, got.fence ?? Number.NaN)
  await released
}

function locksOf(connected: LockClient, name: string, callers: number): Promise<CallerLock[]> {
  return Promise.all(Array.from({ length: callers }, () => connected.lock(name)))
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
  const takeTurn = async (lock: CallerLock) => {
    const got = await lock.acquire()
    const enteredAtMs = now()
    await got.release()
    return enteredAtMs
  }
  return Promise.all(locks.map(takeTurn))
}

await serve({ warmUp, prepare, contend, hold, releaseAll, awaitAll })
