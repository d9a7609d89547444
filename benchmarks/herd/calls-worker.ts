import { now, sleep, until } from '../harness/clock.ts'
import { serve } from '../harness/serve.ts'
import { type HerdClient, LONG } from './contender.ts'
import { loadContender } from './contenders.ts'

/** Calls of one process for one value. */
export interface Calls {
  readonly contender: string
  readonly url: string
  readonly key: string
  readonly ttlMs?: number
  readonly loadMs: number
  /** The loader fails. */
  readonly fails?: boolean
  readonly startAtMs: number
  /** So many at once, each so many milliseconds, for so long. */
  readonly callers: number
  readonly everyMs?: number
  readonly durationMs?: number
  /** Longer is not waited. */
  readonly patienceMs: number
}

export interface CallsResult {
  readonly loads: number
  /** When the first loader began to run. */
  readonly loadedAtMs: number | undefined
  readonly latenciesMs: readonly number[]
  readonly failed: number
  /** Answers that are not the value of the key, or were when asked for older than the ttl. */
  readonly wrong: number
  /** Not settled within the patience. */
  readonly hung: number
}

/** From the making of a value until its ttl begins to run in the store, and between two clocks. */
const EXPIRY_SLACK_MS = 250

/** One connection per library, ttl and process, for as long as the process lives. */
const clients = new Map<string, Promise<HerdClient>>()

function client({ contender, url, ttlMs }: Calls): Promise<HerdClient> {
  const id = `${contender} ${url} ${ttlMs}`
  const expiry = ttlMs === undefined ? LONG : { ttlMs, strict: true }
  const connected =
    clients.get(id) ?? loadContender(contender).then((each) => each.connect(url, expiry))
  clients.set(id, connected)
  return connected
}

async function call(job: Calls): Promise<CallsResult> {
  const connected = await client(job)
  const { key, callers, everyMs = 0, durationMs = 0, loadMs, patienceMs, startAtMs } = job
  let loads = 0
  let loadedAtMs: number | undefined
  const load = async () => {
    loads++
    loadedAtMs ??= now()
    await sleep(loadMs)
    if (job.fails) throw new Error('the loader fails')
    return { key, madeAtMs: now(), text: 'x'.repeat(1000) }
  }
  const judge = (value: unknown, askedAtMs: number) => {
    const { key: its, madeAtMs = 0 } = (value ?? {}) as { key?: string; madeAtMs?: number }
    const isOld = askedAtMs - madeAtMs > (job.ttlMs ?? Infinity) + EXPIRY_SLACK_MS
    return its !== key || isOld ? 'wrong' : 'value'
  }
  const askOnce = async () => {
    const askedAtMs = now()
    const answer = connected.getOrLoad(key, load).then(
      (value) => judge(value, askedAtMs),
      () => 'error',
    )
    const outcome = await Promise.race([answer, sleep(patienceMs, 'none', { ref: false })])
    return { outcome, latencyMs: now() - askedAtMs }
  }
  await until(startAtMs)
  const asked: ReturnType<typeof askOnce>[] = []
  do {
    for (let caller = 0; caller < callers; caller++) asked.push(askOnce())
    if (everyMs > 0) await sleep(everyMs)
  } while (durationMs > 0 && now() < startAtMs + durationMs)
  const answers = await Promise.all(asked)
  const count = (what: string) => answers.filter(({ outcome }) => outcome === what).length
  const latenciesMs = answers.map(({ latencyMs }) => latencyMs)
  const [failed, wrong, hung] = [count('error'), count('wrong'), count('none')]
  return { loads, loadedAtMs, latenciesMs, failed, wrong, hung }
}

await serve({ call })
