import { sleep } from '../harness/clock.ts'
import { serve } from '../harness/serve.ts'
import { loadContender } from './contenders.ts'

export interface Interleavings {
  readonly contender: string
  readonly url: string
  readonly count: number
}

export interface InterleavingsResult {
  /** After everything had come to rest, the cache still gave what a delete had come after. */
  readonly stale: number
}

const AT_ONCE = 50
const LOAD_MS = 20

/** Loads and deletes of one value by two caches, in random order; a third one looks afterwards. */
async function interleave({ contender, url, count }: Interleavings): Promise<InterleavingsResult> {
  const { connect } = await loadContender(contender)
  const [one, two, judge] = await Promise.all([connect(url), connect(url), connect(url)])
  const run = async (round: number) => {
    const key = `interleaved-${round}`
    let version = 1
    const load = async () => {
      const read = version
      await sleep(Math.random() * LOAD_MS)
      return { version: read }
    }
    const ask = async (cache: typeof one) => {
      await sleep(Math.random() * LOAD_MS)
      await cache.getOrLoad(key, load)
    }
    const change = async () => {
      await sleep(Math.random() * 2 * LOAD_MS)
      version++
      await (round % 2 === 0 ? one : two).remove(key)
    }
    await Promise.all([ask(one), ask(two), change()])
    // What is written in the background has its time.
    await sleep(50)
    const left = (await judge.getOrLoad(key, load)) as { version: number }
    return left.version < version ? 1 : 0
  }
  let stale = 0
  for (let round = 0; round < count; round += AT_ONCE) {
    const rounds = Array.from({ length: Math.min(AT_ONCE, count - round) }, (_, i) =>
      run(round + i),
    )
    for (const result of await Promise.all(rounds)) stale += result
  }
  return { stale }
}

await serve({ interleave })
