import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from '@jest/globals'
import { Chance } from './chance.ts'

/** No command runs nearer than this to a moment at which something expires. */
const DISTANCE_MS = 100
const TOLERANCE_MS = 50

export interface Answer<Reply> {
  readonly reply: Reply
  readonly sentAtMs: number
  /** How far the times in the reply may be from those of the same command at `sentAtMs`. */
  readonly toleranceMs: number
}

const TIMES = ['remainingMs', 'storeNowMs', 'enqueuedAtMs', 'grantedAtMs']
const FENCES = ['fence', 'thiefFence']

/** One random sequence: the same commands go to a real server and to the specification. */
export abstract class Sequence {
  readonly chance: Chance
  readonly #seed: number
  readonly #log: string[] = []
  readonly #fences: [number, number][] = []
  /** The slowest round trip so far. */
  #slackMs = 0

  constructor(seed: number) {
    this.#seed = seed
    this.chance = new Chance(seed)
  }

  /** When the specification's state changes by itself, epoch ms. */
  protected abstract ends(): number[]

  /** One random command to both; false when it cannot be judged. */
  protected abstract step(): Promise<boolean>

  /** Answers how many commands were compared. A failure names the seed and the commands so far. */
  async run(length: number): Promise<number> {
    // All at once, the first commands would take longer than what they start.
    await sleep(this.chance.fraction() * 2_000)
    try {
      for (let count = 0; count < length; count++) {
        if (this.chance.happens(0.1)) await this.#waitForAnEnd()
        await this.#keepDistance()
        if (!(await this.step())) return count
      }
      return length
    } catch (error) {
      const commands = this.#log.join('\n')
      throw new Error(`seed ${this.#seed}: ${(error as Error).message}\nafter:\n${commands}`)
    }
  }

  /** Sends; `undefined` when so much time went by that something may have expired on the way. */
  protected async send<Reply>(
    command: string,
    request: unknown,
    send: () => Promise<Reply>,
  ): Promise<Answer<Reply> | undefined> {
    this.#log.push(`${command} ${JSON.stringify(request)}`)
    const sentAtMs = Date.now()
    const reply = await send()
    this.#log.push(`  ${JSON.stringify(reply)}`)
    const repliedAtMs = Date.now()
    // Somewhere in between it ran; so much later than we think may end what it started.
    this.#slackMs = Math.max(this.#slackMs, repliedAtMs - sentAtMs)
    const unclear = this.ends().some((end) => Math.abs(end - repliedAtMs) <= this.#slackMs)
    return unclear ? undefined : { reply, sentAtMs, toleranceMs: TOLERANCE_MS + this.#slackMs }
  }

  /** Alike, fences by rank, times within the tolerance. */
  protected compare({ reply, toleranceMs }: Answer<unknown>, expected: unknown): void {
    expect(this.#plain(reply)).toEqual(this.#plain(expected))
    for (const name of FENCES) {
      for (const [actual, wanted] of pairs(name, reply, expected)) this.#rank(actual, wanted)
    }
    for (const name of TIMES) {
      for (const [actual, wanted] of pairs(name, reply, expected)) {
        if (actual !== wanted) expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(toleranceMs)
      }
    }
  }

  #plain(reply: unknown): unknown {
    const varying = new Set([...TIMES, ...FENCES])
    const replacer = (name: string, value: unknown) => (varying.has(name) ? '*' : value)
    return JSON.parse(JSON.stringify(reply ?? null, replacer))
  }

  #rank(actual: number, expected: number): void {
    for (const [earlier, earlierExpected] of this.#fences) {
      if (Math.sign(actual - earlier) === Math.sign(expected - earlierExpected)) continue
      throw new Error(`fences ${earlier} and ${actual} are in another order`)
    }
    this.#fences.push([actual, expected])
  }

  async #waitForAnEnd(): Promise<void> {
    const next = Math.min(...this.ends().filter((end) => end > Date.now()))
    if (next - Date.now() < 1_000) await sleep(next - Date.now())
  }

  async #keepDistance(): Promise<void> {
    const distanceMs = DISTANCE_MS + this.#slackMs
    for (;;) {
      const near = this.ends().filter((end) => Math.abs(end - Date.now()) <= distanceMs)
      if (near.length === 0) return
      await sleep(Math.max(...near) + distanceMs + 1 - Date.now())
    }
  }
}

/**
 * Runs many sequences side by side, and further ones for those that ended early: on a slow machine much
 * cannot be judged. `LOCKS_SEED` repeats the sequences of a failure.
 */
export async function runSequences(
  count: number,
  length: number,
  create: (seed: number, index: number) => Sequence,
): Promise<void> {
  const first = Number(process.env.LOCKS_SEED ?? Date.now() % 2 ** 31)
  let index = 0
  for (let left = count; left > 0; ) {
    const runs = Array.from({ length: left }, () => create(first + index, index++).run(length))
    const compared = (await Promise.all(runs)).reduce((sum, n) => sum + n, 0)
    left -= Math.ceil(compared / length)
  }
}

/** The numbers of that name in two objects of the same shape, side by side. */
function pairs(name: string, one: unknown, other: unknown): [number, number][] {
  const others = numbersOf(name, other)
  return numbersOf(name, one).map((number, i) => [number, others[i] ?? Number.NaN])
}

function numbersOf(name: string, reply: unknown): number[] {
  if (typeof reply !== 'object' || reply === null) return []
  return Object.entries(reply).flatMap(([key, value]) =>
    key === name ? [value as number] : numbersOf(name, value),
  )
}
