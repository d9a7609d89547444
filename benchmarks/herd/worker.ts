import { now, sleep, until } from '../harness/clock.ts'
import { serve } from '../harness/serve.ts'
import type { HerdClient } from './contender.ts'
import { loadContender } from './contenders.ts'
import { oursOn } from './ours-on.ts'

/** Callers that ask for one missing value at the same moment. */
export interface Herd {
  readonly contender: string
  readonly url: string
  readonly key: string
  readonly callers: number
  readonly startAtMs: number
  readonly loadMs: number
}

export interface HerdResult {
  readonly loads: number
  readonly latenciesMs: readonly number[]
  readonly wrong: number
}

/** One connection per library and process, for as long as the process lives. */
const clients = new Map<string, Promise<HerdClient>>()

const load = async (name: string) => oursOn(name) ?? loadContender(name)

function client({ contender, url }: Herd): Promise<HerdClient> {
  const connected = clients.get(contender) ?? load(contender).then((each) => each.connect(url))
  clients.set(contender, connected)
  return connected
}

async function ask(job: Herd): Promise<HerdResult> {
  const connected = await client(job)
  let loads = 0
  const load = async () => {
    loads++
    await sleep(job.loadMs)
    return { key: job.key, text: 'x'.repeat(1000) }
  }
  await until(job.startAtMs)
  const askOnce = async () => {
    const askedAtMs = now()
    const value = (await connected.getOrLoad(job.key, load)) as { key?: string } | undefined
    return { latencyMs: now() - askedAtMs, right: value?.key === job.key }
  }
  const answers = await Promise.all(Array.from({ length: job.callers }, askOnce))
  const wrong = answers.filter(({ right }) => !right).length
  return { loads, latenciesMs: answers.map(({ latencyMs }) => latencyMs), wrong }
}

await serve({ ask })
